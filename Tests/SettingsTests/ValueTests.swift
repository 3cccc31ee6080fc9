import Settings
import Testing

struct ValueTests {
    @Test(arguments: [
        ("0", Duration.zero), ("250ms", .milliseconds(250)), ("30s", .seconds(30)),
        ("5min", .seconds(300)), ("1h", .seconds(3600)), ("1min 30s", .seconds(90)),
        ("1h30min", .seconds(5400)), ("1.5h", .seconds(5400)), ("2 d", .seconds(172_800)),
        ("0.000000001s", .nanoseconds(1)), ("7us", .microseconds(7)), ("10", .seconds(10)),
        ("1w", .seconds(604_800)), ("0.5", .milliseconds(500)),
    ])
    func durationsAreRead(text: String, duration: Duration) throws {
        #expect(try Duration.parse(text) == duration)
        #expect(try Duration.parse(duration.settingsText) == duration)
    }

    @Test(arguments: ["", " ", "s", "1.s", ".5s", "1 2", "1s1", "1S", "+1s", "1e3s", "٣s"])
    func whatIsNoDurationIsRefused(text: String) {
        #expect(throws: ValueError.self) { try Duration.parse(text) }
    }

    @Test(arguments: [
        ("TERM", Int32(15)), ("SIGHUP", 1), ("sigusr2", 12), ("9", 9), ("RTMIN", 34),
        ("SIGRTMIN+3", 37), ("RTMAX-1", 63), ("SYS", 31),
    ])
    func signalsAreRead(text: String, number: Int32) throws {
        let signal = try SignalName.parse(text)
        #expect(signal.number == number)
        #expect(try SignalName.parse(signal.description) == signal)
    }

    @Test(arguments: [
        ("udp://0.0.0.0:4433", "udp://0.0.0.0:4433"), ("udp://:53", "udp://[::]:53"),
        ("udp://*:53", "udp://[::]:53"), ("tcp://[::1]:443", "tcp://[::1]:443"),
        ("udp://[0:0:0:1:0:0:0:0]:1", "udp://[0:0:0:1::]:1"),
        ("udp://[1:0:0:2:3:0:0:4]:1", "udp://[1::2:3:0:0:4]:1"),
        ("udp://[::ffff:1.2.3.4]:1", "udp://[::ffff:102:304]:1"),
        ("udp://[fe80::1%eth0]:53", "udp://[fe80::1%eth0]:53"),
        ("udp://0.0.0.0%eth0:67", "udp://0.0.0.0%eth0:67"), ("udp://*%lo:53", "udp://[::]%lo:53"),
        ("udp://[fe80::1%eth0]%br-1.2:547", "udp://[fe80::1%eth0]%br-1.2:547"),
        ("udp://[1:2:3:4:5:6:7:8]:65535", "udp://[1:2:3:4:5:6:7:8]:65535"),
        ("udp://[1:0:3:4:5:6:7:8]:1", "udp://[1:0:3:4:5:6:7:8]:1"),
    ])
    func addressesAreReadInOneForm(text: String, canonical: String) throws {
        let address = try ListenAddress.parse(text)
        #expect(address.description == canonical)
        #expect(try ListenAddress.parse(canonical) == address)
    }

    @Test(arguments: [
        ["a", "b"], [""], ["with space", "tab\t", "new\nline"], ["\"", "'", "\\", "$x %y"],
        ["ünï", "\u{1}\u{7f}"], ["-- #;"],
    ])
    func joinedWordsSplitAgain(words: [String]) throws {
        #expect(try Words.split(Words.join(words)) == words)
    }
}
