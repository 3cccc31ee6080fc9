import Foundation
import PackagePlugin

/// Compiles the programs in Sources/SteeringProgram for the kernel's machine and embeds the
/// objects in the target as Swift, so that no compiled object is kept in the repository.
///
/// One command a program: SwiftPM would copy an object in between into the target's resources.
@main
struct CompileSteering: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let sources = context.package.directoryURL.appending(path: "Sources")
        let shared = sources.appending(path: "SteeringABI/include")
        let files = try FileManager.default.contentsOfDirectory(
            at: sources.appending(path: "SteeringProgram"), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
        let headers =
            files.filter { $0.pathExtension == "h" }
            + ["SteeringABI.h", "PackABI.h", "PeersABI.h", "SteeringLoads.h"].map {
                shared.appending(path: $0)
            }
        let clang = try Self.compiler(in: context)
        let strip = try context.tool(named: "llvm-objcopy").url
        let embed = try context.tool(named: "EmbedSteering").url
        return files.filter { $0.lastPathComponent.hasSuffix(".bpf.c") }.map { source in
            let name = source.lastPathComponent.replacing(".bpf.c", with: "")
            let swift = context.pluginWorkDirectoryURL.appending(path: "\(name)Object.swift")
            return .buildCommand(
                displayName: "Compiling \(source.lastPathComponent)",
                executable: embed,
                arguments: [
                    name, swift.path, strip.path, clang.path, "-target", "bpf", "-mcpu=v3", "-O2",
                    "-g", "-Wall", "-Wextra", "-Werror", "-I", shared.path, "-I", "/usr/include",
                    "-I", "/usr/include/\(Self.multiarch)", "-c", source.path,
                ],
                inputFiles: [source] + headers, outputFiles: [swift])
        }
    }

    /// The toolchain's clang where it compiles for the kernel's machine, else one of the system:
    /// Debian builds Swift's own clang without that target.
    private static func compiler(in context: PluginContext) throws -> URL {
        let own = try? context.tool(named: "clang").url
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let others = folders.map { URL(filePath: String($0)).appending(path: "clang") }
        for clang in [own].compactMap(\.self) + others where compilesForKernel(clang) {
            return clang
        }
        throw NoCompiler()
    }

    private static func compilesForKernel(_ clang: URL) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: clang.path) else { return false }
        let process = Process()
        let output = Pipe()
        process.executableURL = clang
        process.arguments = ["--print-targets"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        let targets = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: targets, as: UTF8.self).split(separator: "\n").contains { line in
            line.split(separator: " ").first == "bpf"
        }
    }

    /// Debian's folder for the headers that differ by architecture.
    private static var multiarch: String {
        #if arch(arm64)
            "aarch64-linux-gnu"
        #else
            "x86_64-linux-gnu"
        #endif
    }
}

private struct NoCompiler: Error, CustomStringConvertible {
    var description: String {
        """
        no clang compiles for the target bpf, neither Swift's own nor one in PATH: install the \
        package clang
        """
    }
}
