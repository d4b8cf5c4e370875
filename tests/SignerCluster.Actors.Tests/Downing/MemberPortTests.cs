using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using SignerCluster.Actors.Downing;

namespace SignerCluster.Actors.Tests.Downing;

/// <summary>What a member's port says.</summary>
public sealed class MemberPortTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_port_refuses_when_nobody_listens_and_not_while_somebody_does_that_never_answers()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Address member = At("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);

        // A frozen process accepts nothing either: its machine does.
        Assert.False(await MemberPort.RefusesAsync(member, _limit));
        listener.Stop();
        Assert.True(await MemberPort.RefusesAsync(member, _limit));
    }

    [Fact]
    public async Task An_address_that_nobody_can_dial_does_not_refuse()
    {
        Assert.False(await MemberPort.RefusesAsync(new Address("akka.none", "signer"), _limit));
        Assert.False(await MemberPort.RefusesAsync(At("no-such-host.invalid", 1), _limit));
    }

    private static Address At(string host, int port) => new("akka.tcp", "signer", host, port);
}
