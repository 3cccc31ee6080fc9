import Kernel

/// One TCP listener that a server serves.
final class ServedListener {
    let listener: StreamListener

    init(adopting descriptor: consuming OwnedDescriptor) {
        listener = StreamListener(adopting: descriptor)
    }

    init(bindingTo address: SocketAddress, _ reusePort: Bool) throws(KernelError) {
        listener = try StreamListener.bound(
            to: address, options: StreamListenerOptions(reusePort: reusePort))
    }
}
