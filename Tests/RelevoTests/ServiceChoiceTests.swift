import Kernel
import TestKit
import Testing

@testable import relevo

/// A command acts on the service that was meant, or on none.
struct ServiceChoiceTests {
    private typealias Finding = ServiceChoice.Finding
    private let acting = ServiceChoice(acts: true)
    private let looking = ServiceChoice(acts: false)

    private func found(_ name: String, _ state: Finding.State, in parent: String = "/run/relevo")
        -> Finding
    {
        Finding(path: "\(parent)/\(name)/control", state: state)
    }

    private func refusal(_ body: () throws(Failure) -> String) -> Failure? {
        do throws(Failure) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func theOnlyServiceIsMeantWithoutAName() throws(Failure) {
        let one = found("a", .live(isOwn: true))
        #expect(try acting.only(of: [one]) == one.path)
        #expect(try looking.only(of: [one]) == one.path)
    }

    @Test func anEndedServiceOfOnesOwnUnitIsNotReplacedByTheLastOneLeft() {
        let stranger = found("stranger", .live(isOwn: true))
        for choice in [acting, looking] {
            for state in [Finding.State.absent, .dead] {
                let own = found("ended", state, in: "/tmp")
                let failure = refusal { () throws(Failure) in
                    try choice.own(own, others: [own, stranger])
                }
                #expect(failure?.status == .unavailable)
                #expect(failure?.message.contains("ended") == true)
                #expect(failure?.message.contains("(running: stranger)") == true)
            }
        }
    }

    @Test func aServiceWhoseSupervisorIsGoneCountsAmongThoseThatMayBeMeant() {
        let failure = refusal { () throws(Failure) in
            try acting.only(of: [found("a", .dead), found("b", .live(isOwn: true))])
        }
        #expect(failure?.status == .usage)
        #expect(failure?.message.contains("a, whose supervisor is gone; b") == true)
    }

    @Test func whatIsLeftOfTheOnlyServiceIsNamed() {
        let failure = refusal { () throws(Failure) in try acting.only(of: [found("a", .dead)]) }
        #expect(failure?.status == .unavailable)
        #expect(failure?.message.contains("'a'") == true)
    }

    @Test func aServiceOfAnotherUserIsLookedAtWithoutItsNameButNotActedOn() throws(Failure) {
        let other = found("a", .live(isOwn: false))
        #expect(try looking.only(of: [other]) == other.path)
        let failure = refusal { () throws(Failure) in try acting.only(of: [other]) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.contains("'a'") == true)
        #expect(try acting.named("a", of: [other]) == other.path)
    }

    @Test func aServiceThatMayNotBeAskedIsNoneToChooseFrom() throws(Failure) {
        let closed = found("b", .refused(Failure(.permission, "no")))
        let own = found("a", .live(isOwn: true))
        #expect(try acting.only(of: [closed, own]) == own.path)
        let failure = refusal { () throws(Failure) in try acting.only(of: [closed]) }
        #expect(failure?.status == .permission)
    }

    @Test func aNameThatMeansTwoServicesIsNotActedOn() throws(Failure) {
        let mine = found("a", .dead, in: "/run/user/1/relevo")
        let roots = found("a", .live(isOwn: false))
        let failure = refusal { () throws(Failure) in try acting.named("a", of: [mine, roots]) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.contains("--control") == true)
        #expect(try looking.named("a", of: [mine, roots]) == roots.path)
        let absent = found("a", .absent, in: "/run/user/1/relevo")
        #expect(try acting.named("a", of: [absent, roots]) == roots.path)
    }

    @Test func whereNothingIsFoundThePlacesAreTold() {
        let failure = refusal { () throws(Failure) in
            try acting.named("a", of: [found("a", .absent)])
        }
        #expect(
            failure
                == Failure(
                    .unavailable, "no supervisor runs 'a' (looked at /run/relevo/a/control)"))
    }
}
