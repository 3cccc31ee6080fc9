import Kernel

/// Datagrams that programs have read so far in the network that this thread is in (SNMP's
/// udpInDatagrams, of both families).
func datagramsRead() throws -> Int {
    let lines = try words("/proc/thread-self/net/snmp").filter { $0.first == "Udp:" }
    let place = lines.first?.firstIndex(of: "InDatagrams")
    let six = try words("/proc/thread-self/net/snmp6").first { $0.first == "Udp6InDatagrams" }
    return (place.flatMap { Int(lines[1][$0]) } ?? 0) + (six?.last.flatMap { Int($0) } ?? 0)
}

private func words(_ path: String) throws -> [[String]] {
    String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: " ").map(String.init) }
}
