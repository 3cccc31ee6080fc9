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

    /// What an older supervisor would let pass is asked for before.
    @Test(arguments: CallTests.calls)
    func whatDecidesIsDescribedByOursAndNotByAnOlderOne(call: ControlCall) throws {
        guard let (declaration, parameter) = call.request.decisive else { return }
        #expect(
            InterfaceDescription.has(
                parameter, of: declaration, in: InterfaceDescription.ofSupervisor))
        let older = "method Upgrade(command: ?[]string,\n  wait: ?Wait) -> (\(parameter): ?int)\n"
        #expect(!InterfaceDescription.has(parameter, of: declaration, in: older))
        #expect(InterfaceDescription.has("wait", of: "method Upgrade(", in: older))
        #expect(!InterfaceDescription.has("wait", of: "method Rollback(", in: older))
    }

    @Test func whatIsTriedIsNeverAskedOfOneThatWouldUpgradeAllAtOnce() {
        let decisive = CallTests.calls.compactMap { $0.request.decisive?.parameter }
        #expect(
            Set(decisive).isSuperset(of: ["canary", "networks", "drops", "watch", "dryRun"]))
    }

    /// It would promote whatever there is by then, as ever.
    @Test func anOlderSupervisorIsNotAskedForAStep() {
        let request = ControlRequest.promote(full: true, generation: 2, step: 3)
        let older = "method Promote(full: ?bool) -> ()\n\nmethod Other(step: ?int) -> ()\n"
        #expect(request.asked(ofSupervisorWith: older) == .promote(full: true))
        #expect(
            request.asked(ofSupervisorWith: InterfaceDescription.ofSupervisor) == request)
        for call in CallTests.calls {
            if case .promote = call.request { continue }
            #expect(call.request.asked(ofSupervisorWith: older) == call.request)
        }
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
