extension KeyHelp {
    static let serviceTexts = [
        "Name": """
        The service's name, by which relevo commands find it. Unless set, the base name of the \
        command.
        """,
        "Command": """
        The server and its arguments, quoted as in systemd units; no shell, no variables. {fd}, \
        {fd:NAME}, {generation} and {worker} are replaced in the arguments.
        """,
        "Workers": "Processes in each generation.",
        "SocketsPerWorker": "Sockets of each listener that a worker gets, one for each thread say.",
        "Intercept": """
        A worker that binds a listener's address itself, knowing nothing of this, is given the \
        supervisor's socket in place of its own. no: its bind is the kernel's business.
        """,
        "Adopt": """
        What becomes a listener when a worker binds it while it starts: udp:53, udp:*, tcp:443, or \
        auto for all but ports that the kernel picks. Other addresses at a listener's port always do.
        """,
        "AdoptSteering": "Steering= of listeners that come by Adopt=.",
        "AdoptIdleTimeout": "IdleTimeout= of listeners that come by Adopt=.",
        "AdoptMaxFlows": "MaxFlows= of listeners that come by Adopt=.",
        "JoinPolicy": """
        Lets workers join that others start (relevo join). newest: a new generation of them is \
        current once it is ready. manual: once relevo upgrade asks for it. With it Command= may be \
        left out: then all workers join. Unless set, none may.
        """,
        "Ready": """
        When a worker is ready. auto: when it says READY=1, else when it is seen to wait on its \
        sockets, else once it has lived for a second. notify: READY=1 alone. alive:2s: after that \
        time. exec:COMMAND: once that command ends with 0.
        """,
        "ReadyTimeout": "How long a new generation may take to get ready before it is given up.",
        "Overlap": """
        no: for a server that cannot run twice. The old generation is stopped before the new one \
        starts; the sockets are held meanwhile, so that nothing in their queues is lost.
        """,
        "DrainTimeout": """
        How long flows may keep an old generation after an upgrade, and the service after a stop. \
        0: not at all; infinity: as long as they live. A shutdown of the machine waits no longer \
        than the unit's TimeoutStopSec=.
        """,
        "DrainWaitsFor": """
        Which sessions keep an old generation, a list: flows (of the listeners' own sockets), \
        connections (accepted TCP connections), connected (UDP sockets at a listener's address \
        that are connected to one client), ports (UDP sockets at ports that the server has bound \
        for itself while it served: a call's media, say) and reported (what workers say through \
        the channel). All are counted; what is not waited for is cut when the rest has ended. \
        Leave ports out for a server that keeps such ports open without a session.
        """,
        "Linger": """
        Between the last datagram in an old generation's queues and its stop signal: as long as \
        the slowest answer takes.
        """,
        "StopSignal": "The signal that ends a worker.",
        "StopTimeout": "After that long without effect, KILL.",
        "DrainSignal": "Sent to the old workers when new flows go elsewhere.",
        "User": """
        As whom the workers run; unless set, as whom the supervisor runs. Under systemd set User= \
        of the unit instead, which needs no privilege.
        """,
        "Group": "The workers' group, likewise.",
        "ControlGroup": """
        A group whose members may use the control socket, besides its owner and root.
        """,
        "EnvironmentStyle": """
        How else than by LISTEN_FDS a worker is told of its sockets: nginx (NGINX=3;4;) or \
        server-starter (SERVER_STARTER_PORT=). More than one may be given.
        """,
        "NonBlocking": "yes: the workers get non-blocking sockets.",
        "Watchdog": """
        The longest silence of a worker that sends WATCHDOG=1; then it is killed and started \
        again. Unless set, there is no limit.
        """,
        "Private": """
        Folders of which each generation sees an empty one of its own, for PID files and locks. \
        Needs CAP_SYS_ADMIN.
        """,
        "WorkingDirectory": "The workers' folder.",
        "Environment": "KEY=value words added to the workers' environment. Repeated lines add.",
    ]

    static let listenerTexts = [
        "Address": """
        udp://HOST:PORT or tcp://HOST:PORT. HOST is an IPv4 address, an IPv6 address in brackets, \
        or nothing for every address of both families.
        """,
        "Name": "The sockets' name in LISTEN_FDNAMES and {fd:NAME}.",
        "Steering": """
        flow: each client stays with the process that answered it first, until it is silent for \
        IdleTimeout=; needs CAP_BPF. stateless: nothing is remembered, every datagram goes to the \
        newest version; the default for tcp. auto: flow where that is possible, else stateless.
        """,
        "IdleTimeout": "A flow unseen that long has ended.",
        "MaxFlows": """
        Live flows that there is room for; 32 bytes each. Listeners with the same MaxFlows= and \
        IdleTimeout= share one table for that many, so that further listeners cost next to nothing; \
        one that is to have its own says another number.
        """,
        "ReceiveBuffer": """
        Of each socket. More than the sysctl net.core.rmem_max needs CAP_NET_ADMIN, else that much \
        is taken, with a warning.
        """,
        "SocketsPerWorker":
            "Sockets that a worker gets here, where it is not the service's number.",
        "IPv6Only": "yes: an IPv6 socket leaves IPv4 alone; no: it serves both.",
        "FreeBind": "yes: the address need not be this machine's yet.",
        "Transparent": "yes: the address need not be this machine's at all. Needs CAP_NET_ADMIN.",
        "Adopted": """
        yes: it was made of what a worker has bound, and is lent to those alone that bind it. Set by \
        the supervisor.
        """,
        "Backlog": "Connections waiting to be accepted; tcp alone.",
    ]
}
