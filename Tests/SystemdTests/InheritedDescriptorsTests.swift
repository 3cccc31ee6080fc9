import Kernel
import TestKit
import Testing

@testable import Systemd

@Suite(.leavesNoDescriptors) struct InheritedDescriptorsTests {
    /// The variables of a process that was given these names.
    private func environment(
        _ names: String, count: String, pid: String = "\(ProcessIdentity.processID)"
    ) -> (String) -> String? {
        { ["LISTEN_PID": pid, "LISTEN_FDS": count, "LISTEN_FDNAMES": names][$0] }
    }

    /// Everything below 3 + count but these, which is left alone.
    private func others(than numbers: Int32...) -> Set<Int32> {
        Set(3..<300).subtracting(numbers)
    }

    @Test func oursAreToldFromThoseOfSocketUnitsByName() throws {
        let number = try MemoryFile(named: "given").intoDescriptor().release()
        let names =
            [String](repeating: "dns.socket", count: Int(number) - 3)
            + ["relevo.slot.0.1"]
        let found = InheritedDescriptors(
            except: others(than: number),
            environment(names.joined(separator: ":"), count: "\(number - 2)"))
        #expect(found.sockets.isEmpty)
        #expect(found.stored.map(\.name) == ["slot.0.1"])
        #expect(try found.stored.first?.take().inode() != nil)
    }

    @Test func aDescriptorWithoutANameIsUnknown() throws {
        let number = try MemoryFile(named: "given").intoDescriptor().release()
        let found = InheritedDescriptors(
            except: others(than: number), environment("", count: "\(number - 2)"))
        #expect(found.sockets.map(\.name) == [number == 3 ? "" : "unknown"])
        #expect(found.stored.isEmpty)
    }

    @Test(arguments: ["-1", "x", "", "99999999999999999999", "2000000"])
    func aCountThatMakesNoSenseIsNoCount(_ count: String) {
        let found = InheritedDescriptors(except: [], environment("", count: count))
        #expect(found.sockets.isEmpty && found.stored.isEmpty)
    }

    @Test func whatIsNotOpenIsNotTaken() {
        let found = InheritedDescriptors(
            except: others(), environment("relevo.state", count: "1000000"))
        #expect(found.sockets.isEmpty && found.stored.isEmpty)
    }

    @Test(arguments: ["1", "0", "me", ""]) func whatIsMeantForAnotherIsLeftAlone(_ pid: String) {
        let found = InheritedDescriptors(
            except: [], environment("relevo.state", count: "3", pid: pid))
        #expect(found.stored.isEmpty)
    }
}
