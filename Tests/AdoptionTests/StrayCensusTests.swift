import Adoption
import Foundation
import Kernel
import Testing

/// Processes that come from no running worker.
@Suite struct StrayCensusTests {
    /// A worker with a helper that it lets go of, both with a socket, and what tells their pids and its inode.
    private static let body = """
        slot = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        slot.bind(("127.0.0.1", 0))
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(writer, str(os.getpid()).encode())
                signal.pause()
            os._exit(0)
        os.wait()
        helper = os.read(reader, 20).decode()
        print(helper, os.fstat(slot.fileno()).st_ino, flush=True)
        signal.pause()
        """

    private struct Server {
        let program: PythonProgram
        let helper: Int32
        let inode: UInt64

        init() throws {
            program = try PythonProgram(StrayCensusTests.body)
            let words = program.nextLine().split(separator: " ")
            try #require(words.count == 2)
            helper = try #require(Int32(words[0]))
            inode = try #require(UInt64(words[1]))
        }

        var pid: Int32 { program.process.processIdentifier }

        func end() throws { _ = try ProcessHandle(opening: helper).signal(SignalNumber.kill) }
    }

    @Test func whoHasASocketAndComesFromNoWorkerIsFound() throws {
        let server = try Server()
        defer { try? server.end() }
        func look(_ workers: Set<Int32>, _ inodes: Set<UInt64>) -> [StrayCensus.Stray] {
            StrayCensus(
                workers: workers, parents: [], mark: "NO_SUCH_MARK=", of: KnownFolder("/"),
                inodes: inodes
            ).look()
        }
        #expect(Set(look([], [server.inode]).map(\.pid)) == [server.pid, server.helper])
        let left = look([server.pid], [server.inode, 1])
        #expect(left.map(\.pid) == [server.helper])
        #expect(left.map(\.inodes) == [[server.inode]])
        #expect(left.map(\.mark) == [nil])
        #expect(look([server.pid, server.helper], [server.inode]).isEmpty)
        #expect(look([], [1]).isEmpty)
    }

    @Test func whoCarriesTheMarkIsFoundByIt() throws {
        let server = try Server()
        defer { try? server.end() }
        // Which it has from its environment, whatever that is here.
        let mark = "PATH="
        let census = StrayCensus(
            workers: [server.pid], parents: [], mark: mark, of: KnownFolder("/"), inodes: [])
        let helper = try #require(census.look(at: server.helper))
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        // What starts a python may have put more before it.
        #expect(helper.mark?.hasSuffix(path) == true)
        #expect(helper.name.hasPrefix("python"))
        #expect(census.look(at: server.pid) == nil)
        // One that means another folder by the same name is none of ours.
        let elsewhere = StrayCensus(
            workers: [server.pid], parents: [], mark: mark, of: nil, inodes: [])
        #expect(elsewhere.look(at: server.helper) == nil)
        let handle = try ProcessHandle(opening: server.helper)
        _ = try handle.signal(SignalNumber.kill)
        #expect(try handle.wait(for: .readable, within: .seconds(20)))
        #expect(census.look(at: server.helper) == nil)
    }
}
