import Kernel
import RelevoClient
import SystemPackage

/// The worker's loop: its listener, its events, its links, one after the other.
final class ObedientWorker {
    let worker: RelevoWorker
    let listener: DatagramSocket
    var links: [LinkBox] = []
    /// What has come over links.
    var heard: [String] = []
    private var accepted: [DatagramSocketBox] = []
    private let loop: EventLoop

    init() throws {
        worker = try RelevoWorker()
        let number = try worker.socket("echo", orBind: "udp://127.0.0.1:4433")
        listener = DatagramSocket(adopting: OwnedDescriptor(adopting: number))
        loop = try EventLoop()
    }

    func run() throws {
        _ = try loop.register(listener, for: .readable) { [unowned self] _ in serve() }
        let events = Lent(number: worker.eventDescriptor)
        _ = try loop.register(events, for: .readable) { [unowned self] _ in hear() }
        try worker.ready()
        try loop.run()
    }

    private func serve() {
        while let packet = (try? listener.receive()) ?? nil {
            let text = String(decoding: packet.bytes, as: UTF8.self)
            let answer: String
            do {
                answer = try obey(text, from: packet.source)
            } catch {
                answer = "\(error)"
            }
            let whole = "\(worker.generation).\(worker.index): \(answer)"
            _ = try? listener.send(Array(whole.utf8), to: packet.source)
        }
    }

    private func hear() {
        while let event = (try? worker.nextEvent()) ?? nil {
            switch event {
            case .drain(let left): tell("drain \(left.map { "\($0 > .zero)" } ?? "for ever")")
            case .resume: tell("resume")
            case .stop:
                tell("stop")
                loop.stop()
            case .link(let offer):
                tell("link \(offer.generation).\(offer.worker) \(offer.label)")
                take(offer)
            case .refused(let refusal, let reason): tell("refused \(refusal) \(reason)")
            case .ended:
                tell("ended")
                loop.stop()
            }
        }
    }

    func tell(_ text: String) {
        try? StandardStream.output.writeAll(Array("heard \(text)\n".utf8))
    }

    /// Watches a link from now on.
    func take(_ offer: OfferedLink) {
        guard let box = try? LinkBox(offer.take()) else { return }
        links.append(box)
        box.token = try? loop.register(Lent(number: box.link.descriptor)) { [unowned self] _ in
            read(box)
        }
    }

    private func read(_ box: LinkBox) {
        do {
            while let text = try box.next() { heard.append(text) }
        } catch {
            tell("link \(error.reason)")
            close(box)
        }
    }

    /// Ends a link.
    func close(_ box: LinkBox) {
        if let token = box.token { loop.remove(token) }
        links.removeAll { $0 === box }
    }

    /// A socket of the peer's own, which answers with its name from now on.
    func accept(_ peer: SocketAddress) throws -> String {
        guard let address = InternetAddress("\(peer)") else { return "no address" }
        let number = try listener.withRaw { listener throws(RelevoError) in
            try worker.accept(address, on: listener) { _, _ in }
        }
        guard let number else { return "no way" }
        let box = DatagramSocketBox(number)
        accepted.append(box)
        _ = try loop.register(box.socket, for: .readable) { [unowned self] _ in
            while (try? box.socket.receive()) ?? nil != nil {
                let text = "\(worker.generation).\(worker.index): accepted"
                _ = try? box.socket.send(Array(text.utf8))
            }
        }
        return "accepted"
    }
}
