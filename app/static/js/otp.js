// A code field keeps digits alone, and is sent once all six are there: never a code that was tried already.
const digits = (text) => text.replace(/[٠-٩۰-۹０-９]/g, (digit) => digit.charCodeAt() & 15).replace(/\D/g, "");

for (const type of ["input", "compositionend"])
  addEventListener(type, ({ target: input, isComposing }) => {
    if (isComposing || !input.matches("[data-otp]")) return;
    const code = digits(input.value);
    if (input.value !== code) input.value = code;
    if (code.length !== 6 || code === digits(input.dataset.tried)) return;
    input.dataset.tried = code;
    input.form.requestSubmit();
  });
