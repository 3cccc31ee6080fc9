import Kernel
import TestKit
import Testing

@testable import Supervisor

struct LogFieldsTests {
    /// relevo-journal(7) has every field that entries have.
    @Test func everyFieldHasItsEntryInTheManPage() throws {
        let root = #filePath.dropLast("Tests/SupervisorTests/LogFieldsTests.swift".utf8.count)
        let page = String(
            decoding: try readFile(root + "packaging/man/relevo-journal.7.in"), as: UTF8.self)
        let source = String(
            decoding: try readFile(root + "Sources/Supervisor/Output/LogFields.swift"),
            as: UTF8.self)
        let names = source.matches(of: /"(RELEVO_[A-Z]+)"/).map { String($0.1) }
        #expect(names.contains(LogFields.worker) && names.count >= 4)
        for name in names { #expect(page.contains(#"\fB\#(name)=\fR"#), "\(name)") }
    }
}
