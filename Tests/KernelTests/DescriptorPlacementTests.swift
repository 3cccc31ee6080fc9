import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct DescriptorPlacementTests {
    @Test func theChildHasWhatIsPlacedAndNothingElse() throws {
        // Without CLOEXEC, as a careless library would leave it.
        let leaked = try MemoryFile(named: "leaked")
        let source = try MemoryFile(named: "placed")
        let careless = leaked.withRaw { $0 }
        var descriptors = DescriptorPlan()
        try descriptors.place(source, at: 3)
        try descriptors.place(source, at: 9)
        let process = try TestProcess(
            ["sh", "-c", "exec 2>/dev/null; readlink /proc/$$/fd/*; ls /proc/$$/fd"],
            descriptors: descriptors)
        let lines = try process.output.rest()
        #expect(careless > 2)
        #expect(!lines.contains { $0.contains("leaked") })
        #expect(lines.filter { $0.hasPrefix("/memfd:placed") }.count == 2)
        #expect(lines.suffix(5) == ["0", "1", "2", "3", "9"])
        #expect(lines.first == "/dev/null")
    }

    @Test func sourcesAndTargetsMayOverlapInAnyOrder() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let count = Int.random(in: 1...12, using: &random)
            let files = try (0..<count).map { try NamedFile("file-\($0)-") }
            // The numbers that the duplicates get lie in this range, so that many collide.
            let targets = (3..<60).shuffled(using: &random).prefix(count)
            var descriptors = DescriptorPlan()
            for (file, target) in zip(files, targets) {
                try descriptors.place(file.file, at: Int32(target))
            }
            let numbers = targets.map(String.init)
            let script = """
                for n in \(numbers.joined(separator: " ")); do readlink /proc/$$/fd/$n; done
                ls /proc/$$/fd
                """
            let process = try TestProcess(["sh", "-c", script], descriptors: descriptors)
            let lines = try process.output.rest()
            for (file, line) in zip(files, lines) { #expect(line.hasPrefix("/memfd:\(file.name)")) }
            #expect(Set(lines.dropFirst(count)) == Set(["0", "1", "2"] + numbers))
        }
    }

    @Test func placingAgainReplaces() throws {
        let (first, second) = (try NamedFile("first"), try NamedFile("second"))
        var descriptors = DescriptorPlan()
        try descriptors.place(first.file, at: 4)
        try descriptors.place(second.file, at: 4)
        #expect(descriptors.targets == [4])
        let process = try TestProcess(
            ["sh", "-c", "readlink /proc/$$/fd/4"], descriptors: descriptors)
        #expect(try process.output.next()?.hasPrefix("/memfd:second") == true)
    }

    @Test func manySocketsAreHandedOver() throws {
        var descriptors = DescriptorPlan()
        for target in Int32(3)..<200 {
            try descriptors.place(
                DatagramSocket.bound(to: .loopback(), options: .alone), at: target)
        }
        let process = try TestProcess(
            ["sh", "-c", "readlink /proc/$$/fd/*"], descriptors: descriptors)
        let sockets = try process.output.rest().filter { $0.hasPrefix("socket:") }
        #expect(sockets.count == 197)
    }

    @Test func aTargetBeyondTheLimitIsToldAsTheStepItIs() throws {
        var descriptors = DescriptorPlan()
        try descriptors.place(StandardStream.error, at: .max - 10)
        let plan = SpawnPlan(executable: "/bin/true", arguments: ["true"], environment: [])
        do throws(SpawnError) {
            _ = try ChildProcess.spawn(plan, descriptors: descriptors)
            Issue.record("no process may have such a descriptor")
        } catch {
            #expect(error.step == .descriptors)
            #expect(error.errno == .invalidArgument)
        }
    }

    /// A memory file that /proc names.
    private final class NamedFile {
        let name: String
        let file: MemoryFile

        init(_ name: String) throws {
            self.name = name
            file = try MemoryFile(named: name)
        }
    }
}
