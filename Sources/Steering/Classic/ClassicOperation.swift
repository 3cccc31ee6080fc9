import Kernel

/// The operations of classic BPF that steering uses, with their codes of linux/bpf_common.h.
enum ClassicOperation: UInt16 {
    case loadImmediate = 0x00
    case loadWord = 0x20
    case loadHalf = 0x28
    case loadByte = 0x30
    case loadHalfIndexed = 0x48
    case loadIndexFromMemory = 0x61
    case loadHeaderLength = 0xb1
    case storeIndex = 0x03
    case add = 0x04
    case multiply = 0x24
    case and = 0x54
    case shiftRight = 0x74
    case modulo = 0x94
    case exclusiveOrIndex = 0xac
    case jump = 0x05
    case jumpIfEqual = 0x15
    case jumpIfAtLeast = 0x35
    case loadLength = 0x80
    case moveToIndex = 0x07
    case returnImmediate = 0x06
    case returnAccumulator = 0x16
}

extension ClassicInstruction {
    static func make(
        _ operation: ClassicOperation, _ operand: UInt32, whenTrue: UInt8 = 0, whenFalse: UInt8 = 0
    ) -> ClassicInstruction {
        ClassicInstruction(
            code: operation.rawValue, whenTrue: whenTrue, whenFalse: whenFalse, operand: operand)
    }
}
