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
            + ["SteeringABI.h", "PackABI.h", "SteeringLoads.h"].map { shared.appending(path: $0) }
        let clang = try context.tool(named: "clang").url
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

    /// Debian's folder for the headers that differ by architecture.
    private static var multiarch: String {
        #if arch(arm64)
            "aarch64-linux-gnu"
        #else
            "x86_64-linux-gnu"
        #endif
    }
}
