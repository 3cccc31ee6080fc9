import Settings
import Testing

struct DefaultsTests {
    @Test func theSmallestFileGetsEveryDefaultOfTheDesign() throws {
        let settings = try parse(smallest)
        #expect(settings.name == "server")
        #expect(settings.command == ["/bin/server"])
        #expect(settings.workers == 1)
        #expect(settings.socketsPerWorker == 1)
        #expect(settings.ready == .auto)
        #expect(settings.readyTimeout == .seconds(30))
        #expect(settings.overlap)
        #expect(settings.drainTimeout == .after(.seconds(3600)))
        #expect(settings.drainWaitsFor == Set(DrainKind.allCases))
        #expect(settings.linger == .milliseconds(250))
        #expect(settings.stopSignal.number == 15)
        #expect(settings.stopTimeout == .seconds(10))
        #expect(settings.drainSignal == nil)
        #expect(settings.user == nil && settings.group == nil && settings.controlGroup == nil)
        #expect(settings.environmentStyles.isEmpty && settings.environment.isEmpty)
        #expect(!settings.nonBlocking)
        #expect(settings.watchdog == nil)
        #expect(settings.privatePaths.isEmpty)
        #expect(settings.workingDirectory == nil)
        let listener = try #require(settings.listeners.first)
        #expect(listener.address.description == "udp://127.0.0.1:53")
        #expect(listener.name == nil)
        #expect(listener.steering == .flow)
        #expect(listener.idleTimeout == .seconds(60))
        #expect(listener.maxFlows == 1_048_576)
        #expect(listener.receiveBuffer == 8 << 20)
    }

    @Test func aQUICConnectionMayBeSilentForLonger() throws {
        let text = smallest + "[Listener]\nAddress=udp://127.0.0.1:54\n"
        #expect(try parse(text + "Steering=quic\n").listeners[1].idleTimeout == .seconds(120))
        let short = try parse(text + "IdleTimeout=5s\nSteering=quic\n")
        #expect(short.listeners[1].idleTimeout == .seconds(5))
        // Also where it is what another steering takes by itself.
        let flow = try parse(text + "IdleTimeout=60s\nSteering=quic\n")
        #expect(flow.listeners[1].idleTimeout == .seconds(60))
        #expect(try parse(flow.render()).listeners[1].idleTimeout == .seconds(60))
    }

    /// A supervisor that takes over may be of a version before this one, and refuses keys that it does not know.
    @Test func whatOlderVersionsDoNotKnowIsWrittenWhereItIsSetAlone() throws {
        let plain = try parse(smallest).render()
        #expect(!plain.contains("UnknownIds") && !plain.contains("Balance"))
        let text = smallest + "UnknownIds=current\nBalance=load\n"
        let settings = try parse(try parse(text).render())
        #expect(settings.listeners.map(\.unknownIDs) == [.current])
        #expect(settings.listeners.map(\.balance) == [.load])
        #expect(try !parse(smallest).render().contains("SharedResetKey"))
        let shared = try parse(try parse(smallest + "SharedResetKey=yes\n").render())
        #expect(shared.listeners.map(\.sharesResetKey) == [true])
    }

    @Test func aTCPListenerIsStatelessUnlessToldOtherwise() throws {
        let text = smallest + "[Listener]\nAddress=tcp://127.0.0.1:53\n"
        #expect(try parse(text).listeners.map(\.steering) == [.flow, .stateless])
    }

    @Test(arguments: [
        ("/usr/sbin/named", "named"), ("my server", "my"), ("/opt/Ünï/.hidden", "hidden"),
    ])
    func theNameFollowsTheCommand(command: String, name: String) throws {
        let text = smallest.replacing("/bin/server", with: command)
        #expect(try parse(text).name == name)
    }

    @Test func aCommandWithoutOneLetterNeedsAName() {
        #expect(
            errors(smallest.replacing("/bin/server", with: "/bin/…")) == [
                "test.conf:1: no name can be made of the command '/bin/…'; set Name= in [Service]"
            ])
    }
}
