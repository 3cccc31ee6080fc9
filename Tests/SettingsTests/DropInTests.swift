import Settings
import Testing

struct DropInTests {
    private func parse(_ texts: String...) throws(SettingsErrors) -> ServiceSettings {
        try ServiceSettings.parse(
            texts.enumerated().map { SettingsSource(file: "\($0).conf", text: $1) })
    }

    @Test func theLaterFileWins() throws {
        let settings = try parse(
            smallest, "[Service]\nWorkers=2\nCommand=/bin/other", "[Service]\nWorkers=3")
        #expect(settings.workers == 3)
        #expect(settings.command == ["/bin/other"])
    }

    @Test func listsGrowUnlessReset() throws {
        let first = "[Service]\nPrivate=/a\nEnvironment=A=1\n"
        let settings = try parse(
            smallest, first, "[Service]\nPrivate=/b\nEnvironment=\nEnvironment=B=2")
        #expect(settings.privatePaths == ["/a", "/b"])
        #expect(settings.environment == ["B": "2"])
    }

    @Test func aListenerOfTheSameAddressIsAmended() throws {
        let settings = try parse(
            smallest, "[Listener]\nAddress=udp://127.0.0.1:53\nMaxFlows=7\n")
        #expect(settings.listeners.map(\.maxFlows) == [7])
    }

    @Test func aListenerOfTheSameNameGetsTheNewAddress() throws {
        let settings = try parse(
            smallest + "Name=dns\nMaxFlows=9\n",
            "[Listener]\nName=dns\nAddress=udp://127.0.0.2:53\n")
        #expect(settings.listeners.map(\.address.description) == ["udp://127.0.0.2:53"])
        #expect(settings.listeners.map(\.maxFlows) == [9])
    }

    @Test func aListenerWhoseAddressIsEmptiedGoes() throws {
        let settings = try parse(
            smallest + "Name=dns\n[Listener]\nAddress=udp://127.0.0.1:54\n",
            "[Listener]\nName=dns\nAddress=\n")
        #expect(settings.listeners.map(\.address.port) == [54])
    }

    @Test func anotherListenerIsAdded() throws {
        let settings = try parse(smallest, "[Listener]\nAddress=udp://127.0.0.1:54\n")
        #expect(settings.listeners.map(\.address.port) == [53, 54])
    }

    @Test func errorsNameTheDropIn() {
        #expect(
            errors([
                SettingsSource(file: "a.conf", text: smallest + "Name=x\n"),
                SettingsSource(file: "a.conf.d/b.conf", text: "[Service]\nWorkers=zero\n"),
            ]) == ["a.conf.d/b.conf:2: Workers=: 'zero' is not a whole number from 1 to 512"])
    }
}
