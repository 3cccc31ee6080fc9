import ControlProtocol
import TestSeeds
import Testing

struct RawJSONTests {
    @Test(arguments: [
        (#"{"a":{"b":1}}"#, "1"), (#" { "x":[{"a":2},"}"], "a" : {"b":"\"}"} }"#, #""\"}""#),
        (#"{"a":{"c":{"b":0},"b":[{"b":1},2]},"z":1}"#, #"[{"b":1},2]"#),
        (#"{"a":{"b":1,"b":{}}}"#, "{}"), (#"{"a":{"b":true }}"#, "true "),
    ])
    func aValueIsCutOutAsItStands(json: String, value: String) throws {
        let found = try #require(RawJSON.value(under: ["a", "b"], in: Array(json.utf8)))
        #expect(text(found) == value)
    }

    @Test(arguments: [
        "", "{", "[]", "7", #"{"a":1}"#, #"{"a":{"c":1}}"#, #"{"b":{"b":1}}"#, "{\"a",
    ])
    func whatIsNotThereIsNil(json: String) {
        #expect(RawJSON.value(under: ["a", "b"], in: Array(json.utf8)) == nil)
    }

    @Test func indentedTextIsTheSameJSON() throws {
        let frame = try onlyFrame(ControlReply.status(sampleStatus).frame())
        let indented = RawJSON.indented(frame)
        let answer = try ControlAnswer<StatusReply>.decode(Array(indented.utf8))
        #expect(answer.parameters.status == sampleStatus)
        #expect(
            RawJSON.indented(Array(#"{"a":[],"b":{"c":"[,"}}"#.utf8)) == """
                {
                  "a": [],
                  "b": {
                    "c": "[,"
                  }
                }
                """)
    }

    @Test(arguments: 0..<10)
    func anyBytesArePassedOverWithoutTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = Array("{}[]\",:\\ab1 ".utf8)
        for _ in 0..<500 {
            let json = (0..<30).map { _ in bytes.randomElement(using: &random) ?? 0 }
            let found = RawJSON.value(under: ["a"], in: Array(#"{"a":"#.utf8) + json)
            #expect(found.map { $0.count <= json.count } ?? true)
            #expect(!RawJSON.indented(json).isEmpty)
        }
    }
}
