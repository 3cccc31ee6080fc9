import ControlProtocol
import Kernel
import TestKit
import Testing

@testable import relevo

/// A handover as a picture that needs nothing else.
@Suite struct ReportTests {
    private static var handover: HandoverRecord {
        var handover = HandoverRecord(
            number: 7, at: "2026-11-28T17:59:03.000Z", kind: "upgrade", from: 3, to: 4,
            result: .completed, uid: 0, message: "<script>&\"'\u{1b}[31m]]>\u{fffe}",
            phases: HandoverTimes(start: 0.1, ready: 0.4, flip: 0.00001, drain: 8, retire: 0.3),
            timeToFlip: 0.5, kept: 1_234_567, cutFlows: 3, drops: 12)
        handover.steps = [
            HandoverStep(seconds: 0.5, generation: 4, what: "flipped"),
            HandoverStep(seconds: 8.5, generation: 3, what: "drained", text: "deadline"),
        ]
        handover.samples = (0...10).map { second in
            HandoverSample(
                seconds: Double(second), fromFlows: 100 - 10 * second, toFlows: 9 * second,
                datagrams: second * 3_000, opened: second * 9, drops: second == 5 ? 12 : 0)
        }
        return handover
    }

    /// Bars of the old generation's datagrams, and of the new one's, by how high they are.
    private func bars(_ svg: String, _ whose: String) -> [Double] {
        svg.matches(of: /<rect class="([a-z]+) bar"[^>]* height="([0-9.]+)"/).filter {
            $0.1 == whose
        }.compactMap { Double($0.2) }
    }

    @Test func datagramsAreShownByGeneration() throws {
        var handover = Self.handover
        // Ten seconds: all the old one's, then two thirds, then all the new one's.
        let ofNew = [0, 0, 0, 1000, 2000, 3000, 4000, 5000, 8000, 11_000, 14_000]
        handover.samples = zip(handover.samples ?? [], ofNew).map { sample, count in
            var sample = sample
            sample.toDatagrams = count
            return sample
        }
        let svg = ReportPicture(handover).svg
        try check(svg)
        let (old, new) = (bars(svg, "old"), bars(svg, "new"))
        #expect(old.count == 7 && new.count == 8 && bars(svg, "both").isEmpty)
        #expect(zip(old.prefix(2), new.suffix(3)).allSatisfy { abs($0 - $1) < 0.2 })
        #expect(zip(old.dropFirst(2), new).allSatisfy { abs($0 - 2 * $1) < 0.2 })
        handover.samples?[4].toDatagrams = nil
        #expect(!bars(ReportPicture(handover).svg, "both").isEmpty)
    }

    /// What a parser of XML that is not ours says.
    private func check(_ text: String) throws {
        let folder = try TemporaryFolder()
        try writeFile(folder.file("x.svg"), Array(text.utf8))
        let parsed = try Finished.running([
            "/usr/bin/python3", "-c", "import sys, xml.dom.minidom as x; x.parse(sys.argv[1])",
            folder.file("x.svg"),
        ])
        #expect(parsed.exit == .code(0), "\(parsed.errors)")
        #expect(!text.contains("NaN") && !text.contains("inf\""))
    }

    @Test func thePictureIsXMLWhateverWasSaid() throws {
        let svg = ReportPicture(Self.handover).svg
        try check(svg)
        #expect(svg.contains("&lt;script&gt;&amp;&quot;&#39;"))
        for part in [
            "Handover 7: upgrade 3 → 4, completed", "1,234,567", "generation 3, old",
            "generation 4, new", "drain 8.0 s", "prefers-color-scheme: dark",
            "the drain is over, its time has passed",
        ] {
            #expect(svg.contains(part), "\(part) is missing")
        }
        // It loads nothing.
        #expect(svg.split(separator: "http").count == 2 && !svg.contains("href"))
    }

    @Test(arguments: ["failed", "interrupted", "underWay", "start"])
    func whatDidNotGoThatFarIsShownToo(_ kind: String) throws {
        var handover = HandoverRecord(
            number: 1, kind: "upgrade", from: 1, to: 2, result: HandoverResult(rawValue: kind))
        if kind == "failed" {
            handover.steps = [HandoverStep(seconds: 0.3, generation: 2, what: "failing")]
            handover.reason = String(repeating: "a long reason ", count: 100)
        }
        if kind == "start" {
            handover.from = nil
            handover.result = .completed
        }
        let svg = ReportPicture(handover).svg
        try check(svg)
        if kind == "failed" { #expect(svg.contains("it never got ready")) }
    }

    @Test func hostileNumbersAreNoTrap() throws {
        var handover = Self.handover
        handover.phases = HandoverTimes(start: .infinity, ready: -1, drain: .nan)
        handover.timeToFlip = .nan
        handover.cutFlows = .min
        handover.steps = [HandoverStep(seconds: .infinity, generation: 1, what: "x")]
        handover.samples = [
            HandoverSample(
                seconds: -.infinity, fromFlows: .min, toFlows: .max, datagrams: .max, opened: .min,
                drops: .max),
            HandoverSample(
                seconds: .nan, fromFlows: .max, toFlows: .min, datagrams: .min, opened: .max,
                drops: .min),
            HandoverSample(
                seconds: 1e300, fromFlows: 1, toFlows: 1, datagrams: 1, opened: 1, drops: 1),
        ]
        _ = ReportPicture(handover).svg
        _ = HistoryText.whole(handover, styled: true, width: 80)
    }

    @Test func thePageHasThePictureAndTheWords() {
        let html = ReportPage.html(Self.handover, ReportPicture(Self.handover))
        #expect(html.hasPrefix("<!doctype html>") && html.contains("<svg "))
        #expect(html.contains("timeline") && !html.contains("<script"))
    }
}
