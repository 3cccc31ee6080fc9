import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load flooder`: talks to one socket of a supervisor without end, as `bench harm` wants it.
struct Flooder: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends to one socket of a supervisor, as fast as it goes and for ever.",
        shouldDisplay: false)

    /// The sockets that others may talk to.
    enum Target: String, ExpressibleByArgument {
        case notify, channel, control, workers
    }

    @Argument(help: "What is flooded.")
    var target: Target

    @Argument(help: "Where that is; the channel is inherited.")
    var path = ""

    func run() throws {
        try LoadError.reported {
            if target == .channel { return try floodChannel() }
            let pause = try TimerDescriptor()
            while true {
                // Refused, or the socket is lost: it comes again.
                try? target == .notify ? floodNotify() : floodConnection()
                try pause.set(to: MonotonicClock.now() + .milliseconds(1))
                _ = try pause.wait(for: .readable, within: .seconds(1))
                try pause.acknowledge()
            }
        }
    }

    private func floodNotify() throws {
        let sender = try UnixDatagramSender(to: UnixAddress(path))
        let text = Array("STATUS=flood".utf8)
        while true {
            if try !sender.send(text) { _ = try sender.wait(for: .writable, within: .seconds(1)) }
        }
    }

    private func floodChannel() throws {
        guard let number = Environment.value(of: "RELEVO_CHANNEL").flatMap({ Int32($0) }),
            let end = adoptInherited(number)
        else { throw LoadError("there is no channel") }
        let channel = UnixConnection(adopting: end)
        try channel.setNonBlocking(true)
        _ = try channel.send(Array("HELLO\nVERSION=1\nSOCKETS=no".utf8))
        _ = try channel.send(Array("READY".utf8))
        let text = Array("SESSIONS\nCOUNT=1".utf8)
        while true {
            if try !channel.send(text) {
                _ = try channel.wait(for: .writable, within: .seconds(1))
            }
        }
    }

    /// Says all that there is room for, and reads nothing.
    private func floodConnection() throws {
        let isControl = target == .control
        let connection = try UnixConnection(
            to: UnixAddress(path), kind: isControl ? .stream : .sequencedPacket, nonBlocking: true)
        let text =
            isControl ? ControlCall(.getStatus).frame() : Array("HELLO\nVERSION=1\nID=1".utf8)
        while try connection.send(text) {}
        _ = try connection.wait(for: .readable, within: .milliseconds(20))
    }
}
