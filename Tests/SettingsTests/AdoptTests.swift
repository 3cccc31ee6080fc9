import Settings
import Testing

@Suite struct AdoptTests {
    private func settings(_ lines: String) throws -> ServiceSettings {
        try .parse("[Service]\nCommand=/bin/x\n" + lines, file: "test.conf")
    }

    @Test func aServiceThatAdoptsNeedsNoListener() throws {
        let settings = try settings("Adopt=udp:53 tcp:*\nAdopt=udp:53\n")
        #expect(settings.adopt == [.port(.udp, 53), .port(.tcp, nil)])
        #expect(settings.listeners.isEmpty)
        #expect(try ServiceSettings.parse(settings.render(), file: "again") == settings)
    }

    @Test(arguments: ["udp", "udp:0", "udp:65536", "sctp:5", "udp:53:1", ":53", "udp:-1"])
    func whatIsNoRuleIsRefused(_ rule: String) {
        #expect(throws: SettingsErrors.self) { try settings("Adopt=\(rule)\n") }
    }

    @Test func adoptionWithoutInterceptionIsAContradiction() {
        #expect(throws: SettingsErrors.self) { try settings("Adopt=auto\nIntercept=no\n") }
    }

    @Test func rulesCoverTheirTransportAndPort() {
        #expect(AdoptRule.auto.covers(.tcp, port: 80))
        #expect(AdoptRule.port(.udp, nil).covers(.udp, port: 5))
        #expect(!AdoptRule.port(.udp, nil).covers(.tcp, port: 5))
        #expect(!AdoptRule.port(.udp, 53).covers(.udp, port: 54))
    }

    @Test func oneAddressMayBeServedForEachFamilyAlone() throws {
        let both = "[Listener]\nAddress=udp://[::]:53\nIPv6Only=yes\n"
        let settings = try settings(both + "[Listener]\nAddress=udp://0.0.0.0:53\n")
        #expect(settings.listeners.map(\.v6Only) == [true, nil])
        #expect(try ServiceSettings.parse(settings.render(), file: "again") == settings)
    }
}
