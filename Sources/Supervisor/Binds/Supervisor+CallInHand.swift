import Kernel
import Logging

extension Supervisor {
    /// Makes the place where calls are noted while they are answered.
    func beginCallInHand() {
        do throws(KernelError) {
            let made = try CallInHand()
            vault.keep(made.room, as: .callInHand)
            callInHand = made
        } catch {
            log.warning("a crash while a bind is answered would hold its worker up: \(error)")
        }
    }

    /// Takes over what a predecessor has noted, and finishes that.
    func resumeCallInHand(_ kept: KeptDescriptors) {
        if let file = kept.take(.callInHand) { callInHand = CallInHand(adopting: file) }
        if callInHand == nil { beginCallInHand() } else { answerCallInHand() }
    }
}
