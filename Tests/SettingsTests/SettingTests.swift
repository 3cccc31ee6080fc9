import Testing

@testable import Settings

struct SettingTests {
    @Test func everyKeyIsExplainedInSentences() {
        for setting in Setting.all {
            #expect(setting.help.count > 10 && setting.help.hasSuffix("."), "\(setting.name)")
            #expect(!setting.help.contains(".."), "\(setting.name)")
        }
    }

    @Test func everyPropertyOfAServiceHasOneKey() {
        let properties = Mirror(reflecting: ServiceSettings()).children.compactMap(\.label)
        // Listeners are sections of their own.
        #expect(ServiceSettings.keys.count == properties.count - 1)
        #expect(Set(ServiceSettings.keys.map(\.path)).count == ServiceSettings.keys.count)
        let listener = Mirror(
            reflecting: ListenerSettings(address: ListenAddress(.udp, .any, port: 1)))
        #expect(ListenerDraft.keys.count == listener.children.count)
        #expect(Set(ListenerDraft.keys.map(\.path)).count == ListenerDraft.keys.count)
    }

    @Test func everyOptionHasANameOfItsOwn() {
        let names = Setting.options.compactMap(\.option?.name)
        #expect(Set(names).count == names.count)
        #expect(names.contains("sockets-per-worker") && names.contains("no-intercept"))
        #expect(ServiceSettings.option(\.drainTimeout) == "drain-timeout")
        #expect(ServiceSettings.option(\.command) == nil)
    }

    @Test func anOptionTellsTheDefaultOfItsKey() {
        #expect(
            Setting.of(.service, "ReadyTimeout")?.optionHelp
                == "How long a new generation may take to get ready (default: 30s).")
        #expect(
            Setting.of(.service, "User")?.optionHelp == "The workers' user (default: unchanged).")
        #expect(Setting.of(.service, "Environment")?.optionHelp.hasSuffix("; repeatable.") == true)
    }

    @Test func defaultsAreWrittenAsTheyAreRead() {
        #expect(Setting.of(.service, "DrainTimeout")?.defaultValue == "1h")
        #expect(Setting.of(.listener, "ReceiveBuffer")?.defaultValue == "8M")
        #expect(Setting.of(.service, "User")?.defaultValue == nil)
        #expect(Setting.of(.listener, "Steering")?.defaultValue == "flow")
    }

    @Test func whatIsLaunchedAndHowItLivesIsFollowedAtAReload() {
        let followed = Setting.all.filter { $0.takesEffect == .reload }.map(\.name)
        #expect(followed.prefix(3) == ["Command", "Release", "Workers"])
        #expect(followed.suffix(3) == ["Hook", "HookTimeout", "IdleTimeout"])
        #expect(Setting.of(.service, "Watchdog")?.takesEffect == .restart)
        #expect(Setting.of(.service, "User")?.takesEffect == .restart)
        #expect(Setting.of(.listener, "Address")?.takesEffect == .start)
    }
}
