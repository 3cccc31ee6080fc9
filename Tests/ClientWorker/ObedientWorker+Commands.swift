import Kernel
import RelevoClient
import SystemPackage

extension ObedientWorker {
    /// Does what a datagram says: a verb, and its words.
    func obey(_ text: String, from source: SocketAddress) throws -> String {
        let words = text.split(separator: " ").map(String.init)
        let rest = words.dropFirst().joined(separator: " ")
        switch words.first {
        case "who":
            let listeners = worker.listeners.map { "\($0.name) \($0.address)" }
            return "\(worker.service) \(worker.workers) \(listeners)"
        case "descriptors": return "\(try listFolder("/proc/self/fd").count)"
        case "heard": return "\(heard)"
        case "sessions": try worker.sessions(Int(rest) ?? 0)
        case "drained": try worker.drained()
        case "failed": try worker.failed(rest)
        case "leave": try worker.leave()
        case "store", "add":
            try memory(words[2]).withRaw { number throws(RelevoError) in
                try worker.store([number], as: words[1], adding: words[0] == "add")
            }
        case "take": return try taken(rest)
        case "fetch": try worker.fetch()
        case "forget": try worker.forget(rest)
        case "accept": return try accept(source)
        case "id": return try id()
        case "pin", "unpin": try pin(rest, isEnd: words[0] == "unpin")
        case "link": return try link(rest)
        case "unlink": for box in links { close(box) }
        case "forward", "message": return try send(words[0], rest, source)
        default: return "what?"
        }
        return "done"
    }

    private func memory(_ text: String) throws -> MemoryFile {
        let file = try MemoryFile(named: "kept")
        try file.replaceContents(with: Array(text.utf8))
        return file
    }

    private func taken(_ name: String) throws -> String {
        var found: [String] = []
        while let number = worker.take(name) {
            let file = MemoryFile(adopting: OwnedDescriptor(adopting: number))
            found.append(String(decoding: try file.contents(), as: UTF8.self))
        }
        return "\(found)"
    }

    private func id() throws -> String {
        try listener.withRaw { number throws(RelevoError) in
            let id = try worker.makeID(on: number)
            let bytes = id.bytes.map { String($0, radix: 16) }.joined(separator: ".")
            return "\(id.stay) \(try worker.owns(id.bytes, on: number)) \(bytes)"
        }
    }

    private func pin(_ peer: String, isEnd: Bool) throws {
        guard let address = InternetAddress(peer) else { return }
        try listener.withRaw { number throws(RelevoError) in
            if isEnd {
                try worker.unpin(address, on: number)
            } else {
                try worker.pin(address, on: number)
            }
        }
    }

    private func link(_ target: String) throws -> String {
        let place: LinkTarget =
            switch target {
            case "older": .older
            case "newer": .newer
            case "current": .current
            default: .generation(UInt64(target) ?? 0)
            }
        let offer = try worker.link(to: place, label: "test")
        take(offer)
        return "\(offer.generation).\(offer.worker) \(offer.isAsked)"
    }

    private func send(_ verb: String, _ text: String, _ source: SocketAddress) throws -> String {
        guard let box = links.last else { return "no link" }
        let bytes = Array(text.utf8)
        let isSent: Bool
        if verb == "forward" {
            isSent =
                try box.link.forward(
                    bytes.span, from: InternetAddress("\(source)"),
                    to: worker.listeners[0].address, received: 7) && box.link.flush()
        } else {
            isSent = try memory("inside").withRaw { number throws(RelevoError) in
                try box.link.send(bytes.span, descriptors: [number])
            }
        }
        return isSent ? "sent" : "no room"
    }
}
