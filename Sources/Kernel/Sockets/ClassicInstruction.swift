/// One instruction of classic BPF, laid out as the kernel's `sock_filter`.
package struct ClassicInstruction: Hashable, Sendable {
    package var code: UInt16
    package var whenTrue: UInt8
    package var whenFalse: UInt8
    package var operand: UInt32

    package init(
        code: UInt16, whenTrue: UInt8 = 0, whenFalse: UInt8 = 0, operand: UInt32 = 0
    ) {
        self.code = code
        self.whenTrue = whenTrue
        self.whenFalse = whenFalse
        self.operand = operand
    }
}
