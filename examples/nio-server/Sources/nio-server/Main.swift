import Glibc
import NIOCore
import NIOPosix
import RelevoClient

/// An echo server with sessions, in SwiftNIO with RelevoClient.
@main
struct Main {
    static func main() async throws {
        let worker = try RelevoWorker()
        let descriptor = try worker.socket("echo", orBind: "udp://127.0.0.1:4433")
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let handler = try await loop.submit {
            NIOLoopBound(EchoHandler(worker, process: getpid()), eventLoop: loop)
        }.get()
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .withBoundSocket(descriptor).get()
        try worker.ready()
        for await event in worker.events {
            switch event {
            case .drain: loop.execute { handler.value.drain(true) }
            case .resume: loop.execute { handler.value.drain(false) }
            case .stop, .ended:
                // Nothing lies in the queue any more: the supervisor has looked.
                try await channel.close()
                try await group.shutdownGracefully()
                return
            // A link that nobody takes is closed.
            case .link: continue
            case .refused(let refusal, let reason): print("refused: \(refusal): \(reason)")
            }
        }
    }
}
