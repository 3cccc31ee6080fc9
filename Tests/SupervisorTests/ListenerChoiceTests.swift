import Kernel
import Testing

@testable import Supervisor

/// Which listener a datagram that is to be explained comes to.
struct ListenerChoiceTests {
    private func candidate(
        _ text: String, _ address: String, isDual: Bool = false, isDatagram: Bool = true
    ) throws -> ListenerChoice.Candidate {
        ListenerChoice.Candidate(
            text: text, name: "n-\(text)", address: try #require(SocketAddress(address)),
            isDual: isDual, isDatagram: isDatagram)
    }

    private func choose(
        _ choice: ListenerChoice, from: String = "10.0.0.9:1", to: String? = nil,
        named: String? = nil
    ) throws -> String {
        let peer = try #require(SocketAddress(from))
        do throws(ListenerChoice.Problem) {
            let found = try choice.choice(
                from: peer, to: to.flatMap { SocketAddress($0) }, named: named)
            return "\(choice.candidates[found.index].text) \(found.local)"
        } catch {
            return error.text
        }
    }

    @Test func theVeryAddressComesBeforeEveryAddress() throws {
        let choice = ListenerChoice(candidates: [
            try candidate("any", "0.0.0.0:53"), try candidate("one", "10.0.0.1:53"),
            try candidate("tcp", "10.0.0.2:53", isDatagram: false),
            try candidate("both", "[::]:54", isDual: true), try candidate("six", "[::]:55"),
        ])
        #expect(try choose(choice, to: "10.0.0.1:53") == "one 10.0.0.1:53")
        #expect(try choose(choice, to: "10.0.0.2:53") == "any 10.0.0.2:53")
        #expect(try choose(choice, to: "10.0.0.2:54") == "both 10.0.0.2:54")
        #expect(
            try choose(choice, to: "10.0.0.2:55") == "no listener takes datagrams at 10.0.0.2:55")
        #expect(try choose(choice, from: "[::1]:9", to: "[::1]:55") == "six [::1]:55")
        #expect(try choose(choice, named: "one") == "one 10.0.0.1:53")
        #expect(try choose(choice, named: "n-one") == "one 10.0.0.1:53")
        #expect(try choose(choice, named: "any").contains("--to"))
        #expect(try choose(choice, named: "nobody") == "there is no listener 'nobody'")
        #expect(try choose(choice, named: "tcp").contains("connections"))
        #expect(try choose(choice, to: "10.0.0.1:99", named: "one").contains("not at the port"))
        #expect(try choose(choice, from: "[::1]:9", named: "one").contains("family"))
        #expect(try choose(choice).contains("--listener"))
    }

    @Test func theOnlyOneNeedsNoName() throws {
        let choice = ListenerChoice(candidates: [
            try candidate("one", "10.0.0.1:53"),
            try candidate("tcp", "10.0.0.1:53", isDatagram: false),
        ])
        #expect(try choose(choice) == "one 10.0.0.1:53")
        #expect(try choose(ListenerChoice(candidates: [])) == "no listener takes datagrams")
    }
}
