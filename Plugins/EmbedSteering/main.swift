// Compiles a steering program and writes it as Swift source:
// EmbedSteering NAME OUTPUT OBJCOPY CLANG ARGUMENT...
import Foundation

func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { exit(process.terminationStatus) }
}

let arguments = CommandLine.arguments
let (name, output) = (arguments[1], URL(filePath: arguments[2]))
let object = output.deletingLastPathComponent().appending(path: "\(name).bpf.o")
try run(arguments[4], arguments[5...] + ["-o", object.path])
// Drops DWARF; the kernel and libbpf want BTF alone.
try run(arguments[3], ["--strip-debug", object.path])

let digits = Array("0123456789abcdef".utf8)
let hex = try Data(contentsOf: object).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
let source = """
    extension SteeringObject {
        /// The programs of \(name).bpf.c, compiled for the kernel's machine.
        static let \(name) = SteeringObject(hex: "\(String(decoding: hex, as: UTF8.self))")
    }

    """
try Data(source.utf8).write(to: output)
