/// Tells the service manager in its status why this process ends without success (sd_notify(3)).
///
/// A manager that does not read is not waited for, and nothing is said where there is none.
package func sayLastStatus(
    _ reason: String, to socket: String? = Environment.value(of: "NOTIFY_SOCKET")
) {
    guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@") else { return }
    let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
    guard let sender = try? UnixDatagramSender(to: UnixAddress(socket)) else { return }
    _ = try? sender.send(Array("STATUS=\(line)".utf8), descriptors: DescriptorList())
}
