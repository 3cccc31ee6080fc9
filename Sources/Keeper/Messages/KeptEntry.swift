import Kernel

/// One line of what the keeper has.
enum KeptEntry: Equatable {
    /// A descriptor, which comes along.
    case descriptor(String)
    /// A worker that runs; its pidfd comes along.
    case running(String, pid: Int32)
    /// A worker that has ended and is not released.
    case ended(String, pid: Int32, ProcessExit)

    /// Whether a descriptor belongs to it.
    var hasDescriptor: Bool {
        switch self {
        case .descriptor, .running: true
        case .ended: false
        }
    }

    func write(to writer: inout PacketWriter) {
        switch self {
        case .descriptor(let name):
            writer.append(byte: 1)
            writer.append(text: name)
        case .running(let name, let pid):
            writer.append(byte: 2)
            writer.append(text: name)
            writer.append(signed: pid)
        case .ended(let name, let pid, let exit):
            writer.append(byte: 3)
            writer.append(text: name)
            writer.append(signed: pid)
            exit.write(to: &writer)
        }
    }

    init(from reader: inout PacketReader) throws(PacketError) {
        switch try reader.byte() {
        case 1: self = .descriptor(try reader.name())
        case 2: self = .running(try reader.name(), pid: try reader.signed())
        case 3:
            self = .ended(
                try reader.name(), pid: try reader.signed(), try ProcessExit(from: &reader))
        default: throw PacketError("an entry is of no kind that is known")
        }
    }
}
