import ControlProtocol
import Testing

struct FrameTests {
    @Test func framesComeOutWholeWhereverTheStreamIsCut() throws {
        let frames = ["{}", "", "{\"method\":\"a.B\"}", "x"]
        let stream = frames.flatMap { (frame: String) -> [UInt8] in Array(frame.utf8) + [0] }
        for cut in 0...stream.count {
            var splitter = FrameSplitter()
            var found: [String] = []
            for part in [stream[..<cut], stream[cut...]] {
                splitter.append(part)
                while let frame = try splitter.next() { found.append(text(frame)) }
            }
            #expect(found == frames)
            #expect(!splitter.isMidFrame)
        }
    }

    @Test func framesComeOutWholeByteByByte() throws {
        var splitter = FrameSplitter()
        var found: [String] = []
        for byte in Array("one\0two\0thr".utf8) {
            splitter.append(CollectionOfOne(byte))
            while let frame = try splitter.next() { found.append(text(frame)) }
        }
        #expect(found == ["one", "two"])
        #expect(splitter.isMidFrame)
    }

    @Test func aFrameOfTheGreatestLengthPassesAndALongerOneIsRefused() throws {
        var splitter = FrameSplitter()
        let longest = [UInt8](repeating: 0x20, count: FrameSplitter.longestFrame)
        splitter.append(longest)
        #expect(try splitter.next() == nil)
        splitter.append([0])
        #expect(try splitter.next() == longest)
        splitter.append(longest + [0x20, 0])
        #expect(throws: FrameError.tooLong) { try splitter.next() }
    }

    @Test func aFrameThatNeverEndsIsRefusedAtTheLimit() throws {
        var splitter = FrameSplitter()
        let piece = [UInt8](repeating: 0x5b, count: 1 << 16)
        for _ in 0..<(FrameSplitter.longestFrame / piece.count) {
            splitter.append(piece)
            #expect(try splitter.next() == nil)
        }
        splitter.append([0x5b])
        #expect(throws: FrameError.tooLong) { try splitter.next() }
    }
}
