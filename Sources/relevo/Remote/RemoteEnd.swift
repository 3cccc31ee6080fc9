import ControlClient
import Kernel

/// What the end of ssh means for who asked: one sentence, what to do, and an exit code.
struct RemoteEnd {
    let host: RemoteHost
    let exit: ProcessExit?
    /// What ssh, and relevo over there, have complained of.
    let lines: [String]

    var failure: Failure {
        let place = host.text
        // relevo over there says itself why it has ended.
        if let said = lines.last(where: { $0.hasPrefix(Self.ours) }) {
            let message = String(said.dropFirst(Self.ours.count))
            if message.contains("no command 'bridge'") {
                return Failure(
                    .unavailable,
                    "\(place): the relevo there is older than -H; bring it up to date, or run it "
                        + "there: ssh \(place) relevo")
            }
            return Failure(status, "\(place): \(message)")
        }
        let last = lines.last.map { ": \($0)" } ?? ""
        switch exit {
        case .code(127):
            return Failure(
                .unavailable,
                "\(place): relevo is not there, or not in the PATH that commands of ssh have")
        case .code(255) where lines.contains { $0.hasPrefix("Host key verification failed") }:
            return Failure(
                .unavailable,
                "\(place): its host key is not known here, or is another one than before; look into "
                    + "it with ssh \(place)")
        case .code(255):
            let isRefused = lines.contains { $0.contains("Permission denied") }
            return Failure(
                isRefused ? .permission : .unavailable, "\(place) is not reached by ssh\(last)")
        case .code(let code):
            return Failure(.unavailable, "\(place): ssh ended with status \(code)\(last)")
        case .signal(let number, _):
            let isCtrlC = number == SignalNumber.interrupt
            return Failure(
                isCtrlC ? .interrupted : .unavailable,
                isCtrlC ? "interrupted" : "\(place): ssh was ended by signal \(number)\(last)")
        case nil:
            return Failure(.unavailable, "\(place): ssh has ended\(last)")
        }
    }

    private static let ours = "relevo: "

    private var status: ExitStatus {
        guard case .code(let code) = exit, code != 0 else { return .failed }
        return ExitStatus(rawValue: code) ?? .failed
    }
}

/// What is said on a standard error, as lines; of much only the beginning.
struct Complaints {
    private static let most = 16_384
    private(set) var lines: [String] = []
    private var rest: [UInt8] = []
    private var size = 0

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes where size < Self.most {
            size += 1
            if byte == UInt8(ascii: "\n") {
                close()
            } else if byte >= 0x20, byte != 0x7f {
                rest.append(byte)
            }
        }
    }

    /// The last line may have no end.
    mutating func close() {
        if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
        rest = []
    }
}
