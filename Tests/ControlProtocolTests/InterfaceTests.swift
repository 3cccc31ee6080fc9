import ControlProtocol
import Testing

struct InterfaceTests {
    @Test(arguments: CallTests.calls)
    func everyMethodThatIsServedIsDescribed(call: ControlCall) throws {
        let method = call.request.method
        let dot = try #require(method.lastIndex(of: "."))
        let text = try #require(InterfaceDescription.text(of: String(method[..<dot])))
        #expect(text.contains("\nmethod \(method[method.index(after: dot)...])("))
    }

    @Test(arguments: ReplyTests.errors)
    func everyErrorIsDescribed(error: ControlError) throws {
        let dot = try #require(error.name.lastIndex(of: "."))
        let text = try #require(InterfaceDescription.text(of: String(error.name[..<dot])))
        #expect(text.contains("\nerror \(error.name[error.name.index(after: dot)...]) ("))
    }

    @Test func everyFieldOfTheStatusIsDescribed() throws {
        let text = try #require(InterfaceDescription.text(of: "org.relevo.Supervisor"))
        let json = OrderedJSON.text(sampleStatus)
        let keys = json.split(separator: "\"").filter { key in
            json.contains("\"\(key)\":")
        }
        #expect(keys.count > 30)
        for key in keys { #expect(text.contains("  \(key): "), "\(key)") }
    }
}
