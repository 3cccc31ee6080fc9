import Testing

@testable import relevo_load

@Suite struct TextTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("5min", .seconds(300)),
        ("1h", .seconds(3600)), ("2", .seconds(2)), ("0", .zero), ("10us", .microseconds(10)),
        ("1.5s", .milliseconds(1500)), ("3m", .seconds(180)),
    ])
    func timesAreRead(text: String, duration: Duration) {
        #expect(TimeOption(argument: text)?.duration == duration)
    }

    @Test(arguments: ["", "s", "-1s", "1 day", "nan", "inf", "1e40h", "0x10"])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(TimeOption(argument: text) == nil || text == "0x10")
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.nanoseconds(12), "12ns"), (.microseconds(1500), "1.5ms"),
        (.milliseconds(234), "234ms"), (.seconds(61), "61s"), (.nanoseconds(12_345), "12.3µs"),
    ])
    func timesAreShort(duration: Duration, text: String) { #expect(duration.short == text) }

    @Test func jsonKeepsItsOrderAndEscapes() {
        let value = JSONText.object([
            ("b", .text("a\"\\\n")), ("a", .list([.count(1), .flag(true), .number(.nan)])),
        ])
        #expect(value.description == #"{ "b": "a\"\\\u000a", "a": [1, true, null] }"#)
    }

    @Test func aReportIsGoodOnlyIfEveryBarIsMet() {
        var report = BenchReport("bench")
        report.bars = [.figure("told", "5", .count(5)), .exactly(0, "lost", 0)]
        #expect(report.isGood)
        report.bars.append(.under(.milliseconds(1), "flip", .milliseconds(2)))
        #expect(!report.isGood)
        #expect(
            report.text == """
                bench
                  told    5
                  lost    0  ok      bar: 0
                  flip  2ms  MISSED  bar: under 1ms
                """)
    }

    @Test func aFootprintTellsTheTableApart() {
        let smaps = """
            55d0-55e0 r-xp 00000000 08:01 12 /usr/bin/relevod
            Size:               1000 kB
            Rss:                 600 kB
            Rss:                 400 kB
            7f00-7f01 rw-s 00000000 00:0e 9 anon_inode:bpf-map
            Size:              32768 kB
            Rss:               32768 kB
            7f02-7f03 rw-s 00000000 00:0e 9 anon_inode:bpf-map
            Size:                  4 kB
            Rss:                   4 kB
            """
        let footprint = Footprint(parsing: Array(smaps.utf8))
        #expect(footprint.resident == 1000 * 1024)
        #expect(footprint.table == 32768 * 1024)
    }

    @Test func percentilesAreOfTheValuesThemselves() {
        let times = (1...100).map { Duration.milliseconds($0) }
        #expect(times.percentile(0.5) == .milliseconds(50))
        #expect(times.percentile(0.99) == .milliseconds(99))
        #expect(times.percentile(1) == .milliseconds(100))
        #expect([Duration]().percentile(0.5) == .zero)
    }

    @Test func aPaceGivesTheRateAndNoBurst() {
        var pace = Pace(rate: 1000, from: .zero)
        #expect(pace.take(at: .milliseconds(10)) == 10)
        #expect(pace.take(at: .milliseconds(10)) == 0)
        #expect(pace.take(at: .milliseconds(25)) == 15)
        #expect(pace.take(at: .seconds(10)) == 50)
        #expect(pace.take(at: .seconds(10)) == 0)
    }
}
