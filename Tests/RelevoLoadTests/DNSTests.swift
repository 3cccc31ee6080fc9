import Testing

@testable import relevo_load

@Suite struct DNSTests {
    private func dialogue() throws -> DNSDialogue {
        DNSDialogue(try #require(DNSQuery(name: "example.org")))
    }

    private let place = DNSDialogue.Place(source: 1, local: 0x7f01_0001)

    private func response(to query: [UInt8], code: UInt8 = 0) -> [UInt8] {
        [query[0], query[1], 0x81, 0x80 | code] + query.dropFirst(4)
    }

    @Test func aQueryIsWhatRFC1035Says() throws {
        let query = try #require(DNSQuery(name: "a.bc."))
        #expect(
            query.bytes(number: 0x1234) == [
                0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 2, 0x62, 0x63, 0, 0, 1, 0, 1,
            ])
    }

    @Test func theRootCanBeAskedFor() { #expect(DNSQuery(name: "") == nil) }

    @Test(arguments: ["a..b", ".", String(repeating: "a", count: 64), "..", ".a"])
    func whatIsNoNameIsRefused(name: String) { #expect(DNSQuery(name: name) == nil) }

    @Test(arguments: [[UInt8](), [0, 0, 0x81], Array(repeating: 0, count: 12)])
    func whatIsNoResponseIsRefused(bytes: [UInt8]) {
        #expect(DNSQuery.response(bytes) == nil)
    }

    @Test func aResponseIsFoundByItsPlaceAndNumber() throws {
        var dialogue = try dialogue()
        dialogue.open(5, at: place)
        let query = dialogue.ask(5, 3, at: 77)
        let elsewhere = DNSDialogue.Place(source: 2, local: 0x7f01_0001)
        #expect(dialogue.take(response(to: query), at: elsewhere) { _ in 4 } == nil)
        let answer = dialogue.take(response(to: query, code: 3), at: place) { $0 == 5 ? 4 : nil }
        #expect(answer?.request == Request(flow: 5, sequence: 3, sent: 77, run: 0))
        #expect(dialogue.codes == [DNSQuery.ResponseCode(value: 3): 1])
        #expect(dialogue.take(response(to: query), at: place) { _ in 4 } == nil)
    }

    @Test func numbersMayWrap() throws {
        var dialogue = try dialogue()
        dialogue.open(5, at: place)
        let query = dialogue.ask(5, 65_537, at: 1)
        let answer = dialogue.take(response(to: query), at: place) { _ in 65_540 }
        #expect(answer?.request.sequence == 65_537)
    }

    @Test func whatServersSayHasNames() {
        #expect(DNSQuery.ResponseCode(value: 2).name == "SERVFAIL")
        #expect(DNSQuery.ResponseCode(value: 9).name == "RCODE9")
        #expect(!DNSQuery.ResponseCode(value: 5).isAnswer)
    }
}
