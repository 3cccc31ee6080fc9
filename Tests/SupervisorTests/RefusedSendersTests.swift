import Kernel
import Testing

@testable import Supervisor

@Suite struct RefusedSendersTests {
    private func sender(_ pid: Int32, uid: UInt32 = 65_534) -> PeerCredentials {
        PeerCredentials(pid: pid, uid: uid, gid: uid)
    }

    @Test func aStrangerIsRememberedForAMomentAndThenLookedAtAgain() {
        var senders = RefusedSenders()
        #expect(!senders.know(sender(7), at: .zero))
        senders.add(sender(7), at: .zero)
        #expect(senders.know(sender(7), at: .milliseconds(999)))
        #expect(!senders.know(sender(7), at: .seconds(1)))
    }

    @Test func anotherUsersProcessOfTheSameNumberIsAnother() {
        var senders = RefusedSenders()
        senders.add(sender(7), at: .zero)
        #expect(!senders.know(sender(7, uid: 1000), at: .zero))
    }

    @Test func noMoreAreRememberedThanThereIsRoomFor() {
        var senders = RefusedSenders()
        for pid in 1...Int32(RefusedSenders.most) { senders.add(sender(pid), at: .zero) }
        #expect(senders.know(sender(1), at: .zero))
        senders.add(sender(1_000_000), at: .zero)
        #expect(!senders.know(sender(1), at: .zero))
        #expect(senders.know(sender(1_000_000), at: .zero))
    }
}
