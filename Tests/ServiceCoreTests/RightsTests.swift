import HandoverCore
import Settings
import Testing

@testable import ServiceCore

/// What members of the control group may ask for.
struct RightsTests {
    /// What somebody is told of a wish, by a service that serves.
    private func answer(
        to wish: Wish, as role: Role, may right: ControlRight
    ) -> (isRefused: Bool, run: ServiceRun) {
        var settings = ServiceRun.settings
        settings.controlGroup = "ops"
        settings.controlGroupMay = right
        var run = ServiceRun(settings)
        run.serve()
        run.take(.asked(AskerID(1), wish, .none, sendsProgress: false, as: role))
        let isRefused = run.verbs.contains {
            if case .tell(AskerID(1), .notPermitted) = $0 { true } else { false }
        }
        return (isRefused, run)
    }

    private static let changes: [Wish] = [
        .upgrade(command: nil, workers: nil), .upgrade(command: ["/bin/server"], workers: nil),
        .upgrade(command: nil, workers: 3), .rollback, .rollbackTo(GenerationID(1)), .restart,
        .drain(nil, nil),
        .stop(within: nil), .reexec,
    ]
    private static let another = Wish.upgrade(command: ["/bin/sh", "-c", "id"], workers: nil)

    @Test(arguments: ControlRight.allCases)
    func theOwnerMayAskForEverything(right: ControlRight) {
        for wish in Self.changes + [.status, Self.another] {
            #expect(!answer(to: wish, as: .owner, may: right).isRefused, "\(wish)")
        }
    }

    @Test(arguments: ControlRight.allCases)
    func aMemberMaySeeTheStatus(right: ControlRight) {
        #expect(!answer(to: .status, as: .member, may: right).isRefused)
    }

    @Test(arguments: changes)
    func aMemberThatMayOperateMayChangeNoCommand(wish: Wish) {
        #expect(answer(to: wish, as: .member, may: .look).isRefused)
        #expect(!answer(to: wish, as: .member, may: .operate).isRefused)
        #expect(!answer(to: wish, as: .member, may: .command).isRefused)
    }

    @Test func anotherCommandIsNoUpgradeOfAMember() {
        let refused = answer(to: Self.another, as: .member, may: .operate)
        #expect(refused.isRefused)
        #expect(refused.run.service.machine.generations.count == 1)
        let granted = answer(to: Self.another, as: .member, may: .command)
        #expect(!granted.isRefused)
        #expect(granted.run.service.machine.generations.count == 2)
    }

    @Test func theSettingsCommandIsTheOwners() {
        var settings = ServiceRun.settings
        settings.controlGroup = "ops"
        var run = ServiceRun(settings)
        run.serve()
        run.take(
            .asked(
                AskerID(1), .upgrade(command: ["/bin/other"], workers: nil), .none,
                sendsProgress: false))
        #expect(run.service.machine.generations.count == 2)
        let ask = Input.asked(
            AskerID(2), .upgrade(command: ["/bin/server"], workers: nil), .none,
            sendsProgress: false, as: .member)
        run.take(ask)
        #expect(
            !run.verbs.contains {
                if case .tell(AskerID(2), .notPermitted) = $0 { true } else { false }
            })
    }
}
