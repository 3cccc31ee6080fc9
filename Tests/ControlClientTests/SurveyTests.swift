import ControlClient
import ControlProtocol
import Kernel
import TestKit
import Testing

struct SurveyTests {
    private static let status = ServiceStatus(
        name: "a", pid: 1, current: nil, listeners: [], generations: [])

    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try makeFolders(folder.file("a"))
        return folder
    }

    @Test func whatAnswersIsToldAndWhatDoesNotHasAReason() throws {
        let folder = try Self.folder()
        let answering = try AnsweringSocket(at: folder.file("a/control")) { client in
            AnsweringSocket.answer(ControlReply.status(Self.status).frame(), client)
        }
        let babbling = try AnsweringSocket(at: folder.file("babbling")) { client in
            try? client.writeAll(Array("{}\0".utf8))
            _ = try? client.wait(for: .hungUp, within: .seconds(20))
        }
        let leaving = try AnsweringSocket(at: folder.file("leaving")) { _ in }
        let refusing = try AnsweringSocket(at: folder.file("refusing")) { client in
            AnsweringSocket.answer(
                ControlReply.error(.notPermitted(reason: "no")).frame(), client)
        }
        let paths = ["a/control", "babbling", "leaving", "refusing", "nobody"].map(folder.file)
        let looks = try StatusSurvey.looks(at: paths, within: .seconds(20))
        withExtendedLifetime((answering, babbling, leaving, refusing)) {}
        #expect(looks.map(\.path) == paths)
        #expect(
            looks.map(\.answer) == [
                .success(Self.status), .failure(.malformed), .failure(.gone), .failure(.denied),
                .failure(.gone),
            ])
    }

    @Test func oneThatSaysNothingHoldsTheOthersUpUntilTheDeadlineAlone() throws {
        let folder = try Self.folder()
        // The kernel takes connections for who never accepts, until the queue is full.
        let silent = try UnixListener(
            at: UnixAddress(folder.file("silent")), kind: .stream, backlog: 0)
        let first = try UnixConnection(
            to: UnixAddress(folder.file("silent")), kind: .stream, nonBlocking: true)
        let answering = try AnsweringSocket(at: folder.file("a/control")) { client in
            AnsweringSocket.answer(ControlReply.status(Self.status).frame(), client)
        }
        let start = MonotonicClock.now()
        let looks = try StatusSurvey.looks(
            at: [folder.file("silent"), folder.file("a/control"), folder.file("silent")],
            within: .milliseconds(300))
        let took = MonotonicClock.now() - start
        withExtendedLifetime(answering) {}
        _ = consume first
        _ = consume silent
        #expect(
            looks.map(\.answer) == [
                .failure(.silent), .success(Self.status), .failure(.silent),
            ])
        #expect(took >= .milliseconds(300) && took < .seconds(10))
    }

    @Test func anAnswerWithoutAnEndIsNotTaken() throws {
        let folder = try Self.folder()
        let endless = try AnsweringSocket(at: folder.file("a/control")) { client in
            let piece = [UInt8](repeating: 0x20, count: 65_536)
            while (try? client.writeAll(piece)) != nil {}
        }
        let looks = try StatusSurvey.looks(
            at: [folder.file("a/control")], within: .seconds(20))
        withExtendedLifetime(endless) {}
        #expect(looks.map(\.answer) == [.failure(.malformed)])
    }

    @Test func manyAreAskedWithoutADescriptorForEach() throws {
        let folder = try Self.folder()
        let answering = try AnsweringSocket(at: folder.file("a/control")) { client in
            AnsweringSocket.answer(ControlReply.status(Self.status).frame(), client)
        }
        let looks = try StatusSurvey.looks(
            at: [String](repeating: folder.file("a/control"), count: 700), within: .seconds(20))
        withExtendedLifetime(answering) {}
        #expect(looks.allSatisfy { $0.answer == .success(Self.status) })
        #expect(looks.count == 700)
    }

    @Test func nobodyToAskIsAnAnswerAtOnce() throws {
        #expect(try StatusSurvey.looks(at: [], within: .seconds(20)).isEmpty)
    }
}
