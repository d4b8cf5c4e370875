using SignerCluster.Actors.Downing;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>The locks of a cluster's nodes in memory, with the rules of the port, and what a database and the way to it do to them.</summary>
internal sealed class LockServer
{
    private readonly Lock _gate = new();
    private readonly List<NodeSession> _sessions = [];

    /// <summary>A node's way to the server.</summary>
    internal NodeSession Open()
    {
        lock (_gate)
        {
            NodeSession session = new(this);
            _sessions.Add(session);
            return session;
        }
    }

    /// <summary>All locks go, and every connection is lost; the server answers at once again.</summary>
    internal void Restart()
    {
        lock (_gate)
        {
            _sessions.ForEach(static session => session.Lose());
        }
    }

    internal sealed class NodeSession(LockServer server) : INodeLocks
    {
        private long _connections;
        private int? _held;
        private bool _isLost;
        private bool _isCut;
        private bool _isFrozen;
        private int _looks;

        /// <summary>Looks that were answered or failed.</summary>
        internal int Looks => Volatile.Read(ref _looks);

        /// <summary>From now on the server is out of reach, and the lock goes: its node was killed, or lost its database only.</summary>
        internal void Cut()
        {
            lock (server._gate)
            {
                _isCut = true;
                Lose();
            }
        }

        /// <summary>From now on the node does not look any more, and its lock goes for want of it.</summary>
        internal void Freeze()
        {
            lock (server._gate)
            {
                _isFrozen = true;
                Lose();
            }
        }

        public async ValueTask<NodeLocksView> LookAsync(int own, CancellationToken cancellation)
        {
            if (Volatile.Read(ref _isFrozen))
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellation);
            }

            lock (server._gate)
            {
                _looks++;
                if (_isCut || _isLost)
                {
                    _isLost = false;
                    throw new JournalException("storage_unavailable", "The server of this test is out of reach.", isTransient: true);
                }

                if (_held is null)
                {
                    _connections++;
                    _held = own;
                }

                return new NodeLocksView(_connections, HoldsOwn: true, server._sessions.Select(static session => session._held).OfType<int>().ToHashSet());
            }
        }

        internal void Lose() => (_held, _isLost) = (null, true);
    }
}
