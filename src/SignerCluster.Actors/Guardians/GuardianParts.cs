using Akka.Actor;

namespace SignerCluster.Actors.Guardians;

/// <summary>What the guardians of one party work with.</summary>
/// <param name="Journal">The id of the party's journal plugin.</param>
/// <param name="Time">The party's own clock.</param>
public sealed record GuardianParts(string Journal, Quarantine Quarantine, TimeProvider Time)
{
    /// <summary>Takes what a seat's guardian is told to that guardian, and its answer back; null at a participant, whose guardians tell nobody.</summary>
    public IActorRef? Seats { get; init; }

    /// <summary>How many seats a group has, and how many of them sign; zeros for an unknown one.</summary>
    public Func<Protocol.GroupId, (int Seats, int Threshold)> SizeOf { get; init; } = static _ => default;

    public GuardianSettings Settings { get; init; } = new();

    /// <summary>The id of the plugin that keeps checkpoints; null to read the whole history at each start.</summary>
    public string? Checkpoints { get; init; }
}

/// <summary>How guardians wait for each other. Nothing of it decides what is accepted.</summary>
public sealed record GuardianSettings
{
    /// <summary>How long a session waits at a seat's guardian for the record of its withdrawal, which is on the way as the session is.</summary>
    public TimeSpan RecordPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a seat's guardian is waited for before it is told again.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before a seat's guardian that did not answer, or would not fold, is told again.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most records in one message.</summary>
    public int PageLength { get; init; } = 256;

    /// <summary>After so many records a checkpoint is kept: about a megabyte a time, and some ten milliseconds to read what comes after it.</summary>
    public int CheckpointAfter { get; init; } = 4096;
}
