import Foundation
import HandoverCore
import Testing

@Suite struct CodedFormTests {
    @Test func aMachineReadBackGoesOnWhereItWas() throws {
        var world = World.draining()
        world.answerAll()
        world.machine = try CodedForm.read(CodedForm.write(world.machine))
        world.flows = []
        let calm = world.calmDown()
        #expect(calm)
        #expect(world.machine.current == GenerationID(2))
        #expect(world.faults == [])
    }

    @Test func keysThatThisVersionDoesNotKnowAreSkipped() throws {
        let machine = World.draining().machine
        let text = try #require(String(data: CodedForm.write(machine), encoding: .utf8))
        // One in every object that is not an enumeration's case.
        var changed = text
        for key in ["\"policy\":{", "\"launch\":{", "\"overlap\":", "\"formatVersion\":"] {
            #expect(changed.contains(key))
            let newKey = key.hasSuffix("{") ? key + "\"new\":[1]," : "\"new\":{\"a\":1}," + key
            changed = changed.replacingOccurrences(of: key, with: newKey)
        }
        #expect(try CodedForm.read(Data(changed.utf8)) == machine)
    }

    @Test(arguments: [
        "overlap", "readyTimeout", "drainTimeout", "drainWaitsFor", "unconfirmedHold",
        "emptyTimeout", "linger", "stopTimeout", "restartDelay", "restartDelayLimit",
        "restartReset", "crashLimit", "crashWindow",
    ])
    func aLimitThatAnOlderVersionDidNotWriteIsTheDefault(key: String) throws {
        let coded = try JSONEncoder().encode(Policy())
        var object = try #require(JSONSerialization.jsonObject(with: coded) as? [String: Any])
        #expect(object.removeValue(forKey: key) != nil)
        let shortened = try JSONSerialization.data(withJSONObject: object)
        #expect(try JSONDecoder().decode(Policy.self, from: shortened) == Policy())
    }

    @Test func aDrainWithoutALimitIsNotTakenForTheDefault() throws {
        var policy = Policy()
        policy.drainTimeout = nil
        let coded = try JSONEncoder().encode(policy)
        #expect(try JSONDecoder().decode(Policy.self, from: coded).drainTimeout == nil)
    }

    @Test func aNewerFormatIsRefused() throws {
        let text = try #require(
            String(data: CodedForm.write(World.serving().machine), encoding: .utf8))
        let newer = text.replacingOccurrences(
            of: "\"formatVersion\":1", with: "\"formatVersion\":2")
        #expect(newer != text)
        #expect(throws: DecodingError.self) { try CodedForm.read(Data(newer.utf8)) }
    }

    @Test func noWaitIsTooLongForAnInstant() {
        let now = Instant(sinceStart: .seconds(1))
        #expect(now + .seconds(-5) == now)
        #expect(now + .seconds(Int64.max) > now)
        #expect((now + .seconds(Int64.max)) + .seconds(Int64.max) > now)
    }
}
