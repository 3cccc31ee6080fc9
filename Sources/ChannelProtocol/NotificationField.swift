/// One `KEY=value` line of a notification, as it came but for unprintable characters.
package struct NotificationField: Equatable, Sendable {
    package let key: String
    package let value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
