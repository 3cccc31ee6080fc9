import Glibc

/// libFuzzer's own main, for programs that have one themselves.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What libFuzzer calls, under the one name by which it knows it.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ length: Int) -> Int32 {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: length))
    unsafe Decoder.current.take(input)
    return 0
}

// The decoder's name comes first; the rest is the fuzzer's.
guard let decoder = Decoder(rawValue: CommandLine.arguments.dropFirst().first ?? "") else {
    print(
        "usage: Fuzz \(Decoder.allCases.map(\.rawValue).joined(separator: "|")) [libFuzzer options]"
    )
    exit(64)
}
if CommandLine.arguments.dropFirst(2).first == "--seed" {
    exit(decoder.writeSeeds(to: CommandLine.arguments.last ?? ".") ? 0 : 1)
}
unsafe Decoder.current = decoder
var words = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
var count = Int32(words.count)
var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
let status = unsafe pointers.withUnsafeMutableBufferPointer { buffer in
    guard var base = buffer.baseAddress else { return Int32(70) }
    return unsafe runFuzzer(&count, &base, testOneInput)
}
exit(status)
