internal import CRelevoClient

/// A negative answer of the kernel's is thrown.
@discardableResult
func check(_ action: RelevoError.Action, _ answer: Int32) throws(RelevoError) -> Int32 {
    if answer < 0 { throw RelevoError(action, .system(-answer)) }
    return answer
}

/// A negative answer of the kernel's is thrown, but for one that would block, which is nil.
func checkUnlessBlocked(
    _ action: RelevoError.Action, _ answer: Int64
) throws(RelevoError) -> Int? {
    if answer == -Int64(RELEVO_SYS_AGAIN) { return nil }
    if answer < 0 { throw RelevoError(action, .system(Int32(-answer))) }
    return Int(answer)
}
