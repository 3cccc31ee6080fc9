/// Tells the service manager how this process stands, which has no supervisor's loop yet or no more (sd_notify(3)).
///
/// A manager that does not read is not waited for, and nothing is said where there is none.
///
/// - Parameter time: how long it will be until the next word, at most.
package func sayStatus(
    _ text: String, asking time: Duration? = nil,
    to socket: String? = Environment.value(of: "NOTIFY_SOCKET")
) {
    guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@") else { return }
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let more = time.map { "\nEXTEND_TIMEOUT_USEC=\($0.components.seconds)000000" } ?? ""
    guard let sender = try? UnixDatagramSender(to: UnixAddress(socket)) else { return }
    _ = try? sender.send(Array("STATUS=\(line)\(more)".utf8), descriptors: DescriptorList())
}
