// Passkeys: a button asks the device, and its answer goes into the form. Shown only where the browser can.
const PARSE = { get: "parseRequestOptionsFromJSON", create: "parseCreationOptionsFromJSON" };
const SENTENCES = {
  NotAllowedError: "Cancelled, or it took too long. You can try again.",
  InvalidStateError: "This device has a passkey for you already.",
};
const OTHERWISE = "That did not work. Try again, or choose another way.";
const api = window.PublicKeyCredential;
const buttons = [...document.querySelectorAll("[data-passkey]")];
const autofill = buttons.find((button) => button.matches("[data-passkey-autofill]"));
let waiting; // one question at a time: the next one takes its place

const ask = async ({ form, dataset }, mediation) => {
  const verb = dataset.passkey;
  const say = (text) => (form.querySelector("[data-passkey-status]").textContent = text);
  waiting?.abort();
  const { signal } = (waiting = new AbortController());
  try {
    if (!mediation) say("");
    const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value };
    const answer = await fetch(dataset.options, { method: "POST", headers, signal });
    // Something else is owed first: the server knows what.
    if (answer.status === 401 && !mediation) return form.requestSubmit();
    if (!answer.ok) throw answer;
    const publicKey = api[PARSE[verb]](await answer.json());
    const credential = await navigator.credentials[verb]({ publicKey, signal, mediation });
    form.elements.credential.value = JSON.stringify(credential);
    form.requestSubmit();
  } catch (error) {
    if (signal.aborted || mediation) return;
    say(SENTENCES[error.name] ?? OTHERWISE);
    offer();
  }
};

// Among what the browser fills in. A question is good for five minutes, so it is asked anew before.
const offer = async () => {
  if (!autofill || !(await api.isConditionalMediationAvailable?.())) return;
  ask(autofill, "conditional");
  const { signal } = waiting;
  setTimeout(() => signal.aborted || offer(), 270000);
};

if (api?.[PARSE.get]) {
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => ask(button));
  }
  offer();
}
