import Metrics
import Testing

struct ExpositionTests {
    @Test(
        arguments: [
            (nil, false), ("", false), ("*/*", false), ("text/plain;version=0.0.4", false),
            // What Prometheus sends.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                true
            ),
            ("text/plain, Application/OpenMetrics-Text ; q=0.3", true),
            ("application/openmetrics-text; q=0", false),
        ] as [(String?, Bool)])
    func theFormatIsWhatTheReaderNames(header: String?, isOpenMetrics: Bool) {
        let format = Exposition(accepting: header)
        #expect((format == .openMetrics) == isOpenMetrics)
        #expect(format.mediaType.hasPrefix("application/openmetrics-text") == isOpenMetrics)
    }

    @Test func theOlderFormatHasTheEndingsInItsHeads() {
        let found = lines([look(draining)], .prometheus)
        #expect(found.contains("# TYPE relevo_handovers_total counter"))
        #expect(found.contains("# TYPE relevo_service_info gauge"))
        #expect(!found.contains { $0.hasPrefix("# UNIT") || $0 == "# EOF" })
    }

    @Test func openMetricsEndsWithItsMark() {
        #expect(lines([]) == ["# EOF", ""])
        #expect(lines([look(draining)]).suffix(2) == ["# EOF", ""])
    }

    @Test func samplesOfOneNameStandTogether() {
        let found = lines([
            look(draining), look(draining, at: "/run/relevo/web/control"),
        ])
        let heads = found.filter { $0.hasPrefix("# TYPE") }
        #expect(heads.count > 30)
        #expect(Set(heads).count == heads.count)
    }
}
