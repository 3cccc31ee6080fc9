import Settings
import Testing

/// `{release}` in a command stands for a folder.
@Suite struct ReleaseTests {
    @Test(arguments: [
        (["{release}/bin/x", "-c", "{release}/etc:{release}"], ["/r/bin/x", "-c", "/r/etc:/r"]),
        (
            ["x", "{{release}}", "{fd}", "{", "}", "{releas"],
            ["x", "{release}", "{fd}", "{", "}", "{releas"]
        ),
    ])
    func isFilledIn(_ command: [String], _ filled: [String]) {
        #expect(Release.fill(command, with: "/r") == filled)
    }

    @Test func isNamedOrNot() {
        #expect(Release.isNamed(in: ["a", "{release}"]))
        #expect(!Release.isNamed(in: ["a", "{{release}}", "{fd}"]))
    }

    @Test func aCommandThatNamesItNeedsIt() throws {
        let text = "[Service]\nCommand={release}/x\n%\n[Listener]\nAddress=udp://[::1]:53\n"
        #expect(throws: SettingsErrors.self) {
            try ServiceSettings.parse(text.replacing("%", with: ""), file: "a")
        }
        let settings = try ServiceSettings.parse(
            text.replacing("%", with: "Release=/opt/r7"), file: "a")
        #expect(settings.startedCommand == ["/opt/r7/x"] && settings.command == ["{release}/x"])
        #expect(try ServiceSettings.parse(settings.render(), file: "b") == settings)
    }
}
