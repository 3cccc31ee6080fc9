import Kernel

extension ProcessExit {
    func write(to writer: inout PacketWriter) {
        switch self {
        case .code(let status):
            writer.append(byte: 1)
            writer.append(signed: status)
        case .signal(let signal, let dumpedCore):
            writer.append(byte: dumpedCore ? 3 : 2)
            writer.append(signed: signal)
        }
    }

    init(from reader: inout PacketReader) throws(PacketError) {
        switch try reader.byte() {
        case 1: self = .code(try reader.signed())
        case 2: self = .signal(try reader.signed(), dumpedCore: false)
        case 3: self = .signal(try reader.signed(), dumpedCore: true)
        default: throw PacketError("an end is of no kind that is known")
        }
    }
}
