import Foundation
import Testing

/// The clients' vectors are what this protocol says, so that neither drifts.
@Suite struct ClientVectorTests {
    @Test func areWhatThisProtocolSays() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../packaging/clients/vectors/channel.txt")
        if ProcessInfo.processInfo.environment["RELEVO_WRITE_VECTORS"] != nil {
            try ClientVectors.text.write(to: file, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: file, encoding: .utf8)
        #expect(
            written == ClientVectors.text,
            "RELEVO_WRITE_VECTORS=1 swift test --filter ClientVectorTests writes it anew")
    }
}
