import Packs
import TestSeeds
import Testing

struct PackTextTests {
    @Test(arguments: [
        "open", "continue size=32 @0=04000000 id=4+4", "either @12=00/0f @0=ff id=20+4",
        "continue size=65507 id=6+byte:5", "continue @0=19fefd id=11+set",
    ])
    func aRuleIsWrittenAsItIsRead(text: String) throws {
        #expect(try PackRule(parsing: text).description == text)
    }

    @Test func spacesAndCapitalsOfAnotherHandSayTheSame() throws {
        let rule = try PackRule(parsing: "  continue   id=4+4\t@0=AB/FF ")
        #expect(rule.description == "continue @0=ab id=4+4")
    }

    static let mistakes: [(text: String, message: String)] = [
        ("", "a rule begins with one of open, continue, either, not with ''"),
        ("opens", "a rule begins with one of open, continue, either, not with 'opens'"),
        ("open size", "'size' is none of size=BYTES, @OFFSET=HEX[/MASK], id=OFFSET+LENGTH"),
        ("open length=4", "'length=4' is none of size=BYTES"),
        ("open size=4 size=5", "size= stands twice"),
        ("open size=-1", "size= takes a number from 0 to 65507, not '-1'"),
        ("open size=+1", "size= takes a number from 0 to 65507, not '+1'"),
        ("open size=65508", "size= takes a number from 0 to 65507"),
        ("open size=99999999999999999999", "size= takes a number from 0 to 65507"),
        ("open id=4+4", "'open' takes no id=: what may begin a session is not told by it"),
        ("continue id=4", "'4' is not OFFSET+LENGTH, as 4+4, 6+byte:5 or 11+set"),
        ("continue id=4+0", "the length of an id takes a number from 1 to 20, not '0'"),
        ("continue id=4+21", "the length of an id takes a number from 1 to 20, not '21'"),
        ("continue id=21+4", "a rule sees the first 24 bytes; the id ends behind"),
        ("continue id=24+set", "id= takes a number from 0 to 23, not '24'"),
        ("continue id=4+byte:24", "byte: takes a number from 0 to 23, not '24'"),
        ("continue id=4+until:3a", "the end of an id cannot be searched for in the kernel"),
        ("continue id=4+4 id=4+4", "id= stands twice"),
        ("open @24=00", "@ takes a number from 0 to 23, not '24'"),
        ("open @0=", "'' is not bytes in hexadecimal"),
        ("open @0=0", "'0' is not bytes in hexadecimal"),
        ("open @0=0x", "'0x' is not bytes in hexadecimal"),
        ("open @0=00/0", "the mask '0' has not as many digits as '00'"),
        ("open @0=00/00/00", "'00/00/00' is not bytes in hexadecimal"),
        ("open @0=11/f0", "'11/f0' never holds: the value has bits that the mask leaves out"),
        ("open @21=00000000", "a rule sees the first 24 bytes; '@21=00000000' ends behind"),
        ("open @0=01 @0=02", "the rule never holds: two conditions of byte 0 differ"),
        ("open" + String(repeating: " @0=00", count: 9), "a rule has at most 8 conditions"),
        (String(repeating: "x", count: 513), "a rule has at most 512 characters"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsNamed(text: String, message: String) {
        let error = #expect(throws: PackError.self) { try PackRule(parsing: text) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func aPackHasAtMostEightRules() throws {
        let rules = try (0..<8).reduce([PackRule]()) { rules, _ in try rules.adding("open") }
        let error = #expect(throws: PackError.self) { try rules.adding("open") }
        #expect(error?.description == "there are at most 8 rules")
    }

    @Test(arguments: 0..<20)
    func noTextTraps(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "open", "continue", "either", " ", "size=", "@", "=", "id=", "+", "byte:", "set", "/",
            "0", "4", "20", "23", "ff", "30/f0", "-1", "99999999999999999999", "é", "\u{0}", "\n",
        ]
        for _ in 0..<500 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let rule = try? PackRule(parsing: text) else { continue }
            #expect((try? PackRule(parsing: rule.description)) == rule, "\(text)")
        }
    }

    @Test func everyProtocolIsDescribedWithoutAMistake() {
        #expect(BuiltInPack.all.map(\.name) == ["dtls-cid", "nebula", "srt", "wireguard"])
        #expect(BuiltInPack.all.filter(\.pack.needsIDLength).map(\.name) == ["dtls-cid"])
        for known in AddressProtocol.all { #expect(BuiltInPack.named(known.name) == nil) }
    }
}
