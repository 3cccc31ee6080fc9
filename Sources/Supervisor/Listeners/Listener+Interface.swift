import Kernel
import SystemPackage

extension Listener {
    /// The number of the interface that its sockets hear alone; 0 for every one.
    ///
    /// Of an interface that has gone the sockets live on: one beside them is no worse.
    func interfaceNumber() throws(KernelError) -> Int32 {
        guard let interface else { return 0 }
        if let number = NetworkInterface.number(interface) { return number }
        for slot in slots.values {
            if let number = try? slot.duplicate().boundInterface(), number != 0 { return number }
        }
        throw KernelError(
            "setsockopt SO_BINDTODEVICE", .operationNotSupportedByDevice, on: interface)
    }

    /// Whether the interface that the socket hears has gone. One of the same name is another one: a server binds
    /// to it again.
    func hasLostInterface(_ slot: Slot) -> Bool {
        guard let interface, let own = try? slot.duplicate().boundInterface() else { return false }
        return own != 0 && NetworkInterface.number(interface) != own
    }

    /// Whether somebody has its address, at its interface.
    var isTaken: Bool {
        guard BoundAddresses.contains(address, stream: settings.isStream) else { return false }
        let number = (try? interfaceNumber()) ?? 0
        // Where the kernel does not tell the interfaces, the address counts.
        return Strangers.isTaken(address, isStream: settings.isStream, at: number) ?? true
    }
}
