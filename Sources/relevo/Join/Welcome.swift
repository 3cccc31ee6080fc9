import ChannelProtocol
import Kernel
import ServiceCore

/// What a worker is given, out of all the packets that it comes in.
struct Welcome {
    struct Socket {
        let line: WelcomeSocket
        let descriptor: SharedDescriptor
    }

    struct Stored {
        let name: String
        let descriptor: SharedDescriptor
    }

    private(set) var generation = 0
    private(set) var worker = 0
    private(set) var sockets: [Socket] = []
    private(set) var stored: [Stored] = []

    /// What is known at first of the sockets of each listener, in the order in which they come.
    var listeners: [ReadinessJudge.ListenerSighting] {
        var numbers: [Int] = []
        var listeners: [ReadinessJudge.ListenerSighting] = []
        for socket in sockets {
            if socket.line.listener != numbers.last {
                numbers.append(socket.line.listener)
                listeners.append(.init(address: socket.line.address, offered: 0))
            }
            listeners[listeners.count - 1].offered += 1
        }
        return listeners
    }

    /// Adds a packet; false where it has not the descriptors that it tells of.
    mutating func add(
        _ packet: SupervisorMessage.Welcome, _ descriptors: inout DescriptorList
    ) -> Bool {
        generation = packet.generation
        worker = packet.worker
        for line in packet.sockets {
            guard let descriptor = descriptors.takeFirst() else { return false }
            sockets.append(Socket(line: line, descriptor: SharedDescriptor(descriptor)))
        }
        for name in packet.stored {
            guard let descriptor = descriptors.takeFirst() else { return false }
            stored.append(Stored(name: name, descriptor: SharedDescriptor(descriptor)))
        }
        return true
    }
}
