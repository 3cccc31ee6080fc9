import CKernel
import Glibc
import SystemPackage

/// Sends one message to a notify socket, in the name of another process where privileged.
package func sendNotification(
    _ text: String, to address: UnixAddress,
    descriptors: borrowing DescriptorList = DescriptorList(),
    asProcess pid: Int32? = nil
) throws(KernelError) {
    let socket = try createSocket(AF_UNIX, SOCK_DGRAM)
    let raw = try address.raw(for: "sendmsg")
    let credentials = pid.map { relevo_credentials(pid: $0, uid: getuid(), gid: getgid()) }
    let sent = try socket.sendMessage(
        Array(text.utf8), descriptors: descriptors.numbers, to: raw, as: credentials,
        on: "\(address)")
    guard sent != nil else { throw KernelError("sendmsg", .wouldBlock, on: "\(address)") }
}
