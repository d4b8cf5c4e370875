using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Simulator.Simulated;

/// <summary>What one client wants signed, under the id as it spells it.</summary>
internal sealed class Order(string text, SigningRequest request, bool willAbort, Payment? payment = null)
{
    /// <summary>The id as the client writes it; another spelling of it names the same session.</summary>
    internal string Text => text;

    internal SigningRequest Request => request;

    /// <summary>The payment that is to be withdrawn; null for a plain session.</summary>
    internal Payment? Payment => payment;

    /// <summary>Does the client change its mind?</summary>
    internal bool WillAbort => willAbort;

    internal CoordinatorAddress Session { get; } = new(request.Group, SessionId.Parse(text));

    /// <summary>Did the coordinator ever grant the request itself? Before that an answer may be about another payload.</summary>
    internal bool WasGranted { get; set; }

    internal bool IsDone { get; set; }
}
