import Kernel
import TestKit
import Testing

@testable import Supervisor

/// What the journal explains (`packaging/systemd/relevo.catalog`).
struct MessageKindTests {
    @Test func theCatalogHasEveryKindUnderItsNumberAndNoOther() throws {
        let root = #filePath.dropLast("Tests/SupervisorTests/MessageKindTests.swift".utf8.count)
        let catalog = String(
            decoding: try readFile(root + "packaging/systemd/relevo.catalog"), as: UTF8.self)
        let entries = catalog.matches(of: #/\n# (\w+)\n-- ([0-9a-f]{32})\nSubject: /#)
            .map { [String($0.1), String($0.2)] }
        #expect(entries == MessageKind.allCases.map { [$0.rawValue, $0.id] })
        #expect(catalog.matches(of: #/\n-- /#).count == entries.count)
        #expect(Set(MessageKind.allCases.map(\.id)).count == MessageKind.allCases.count)
    }

    @Test func aNumberNeverChanges() {
        #expect(MessageKind.flipped.id == "ae613293248440a096b396cea773b3f8")
        #expect(MessageKind.failing.id == "5a8ea05d264c46b2b06f02b45b12de09")
    }
}
